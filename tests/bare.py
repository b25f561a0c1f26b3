"""A kit without its extras: after `install`, only what the core brings can be imported."""

import sys
import tomllib
from importlib.metadata import PackageNotFoundError, distribution, packages_distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = Path(__file__).parents[1] / "pyproject.toml"


def core() -> set[str]:
    """Names of the packages that the kit itself requires, and of those that they require."""
    return brought(tomllib.loads(PROJECT.read_text("utf-8"))["project"]["dependencies"])


def brought(requirements: list[str]) -> set[str]:
    """Names of the packages that some requirements bring, one through the other."""
    found: set[str] = set()
    waiting = list(requirements)
    while waiting:
        wanted = Requirement(waiting.pop())
        name = canonicalize_name(wanted.name)
        if name in found or (wanted.marker and not wanted.marker.evaluate({"extra": ""})):
            continue
        found.add(name)
        try:
            waiting += distribution(name).requires or []
        except PackageNotFoundError:
            continue  # wanted on another system only
    return found


class Blocker:
    """Says of every package outside a set that there is none."""

    def __init__(self, allowed: set[str]) -> None:
        owners = packages_distributions()
        self.blocked = {
            module for module, names in owners.items() if not {canonicalize_name(n) for n in names} & allowed
        }

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        """Refuse."""
        if name.partition(".")[0] in self.blocked:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def install(*more: str) -> None:
    """Hide every package that is neither of the core nor one of some more."""
    sys.meta_path.insert(0, Blocker(core() | {"l2c", *more}))
