"""Which packages come only with an extra, and what is said where one is missing?"""

from __future__ import annotations

import sys
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec

from l2c.words.errors import MissingExtra

# What anything that can be clicked is made with.
LIVE = ("anywidget", "ipywidgets")


def need(extra: str, *modules: str) -> None:
    """Refuse what cannot be done without some packages, before any work is done in vain.

    Parameters
    ----------
    extra
        The extra of the kit that they come with, as in `pyproject.toml`.
    modules
        The modules that will be imported.

    Raises
    ------
    MissingExtra
        If one is not installed.
    """
    missing = [module for module in modules if not is_there(module)]
    if missing:
        raise MissingExtra.of(extra, missing)


def is_there(module: str) -> bool:
    """Tell whether a module is installed, without importing it."""
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError):
        return False


def schemas_at_once() -> None:
    """Load what notebooks are checked with, before anything else asks for it.

    On its own it compiles 38 grammars of addresses, which no notebook holds: seconds in every process that opens one.
    """
    grammars = "rfc3987_syntax"
    if grammars in sys.modules:
        return
    # A name that stands for nothing cannot be imported, which `jsonschema` takes for not installed.
    sys.modules[grammars] = None  # type: ignore[assignment]
    try:
        with suppress(ImportError):
            import_module("jsonschema")
    finally:
        del sys.modules[grammars]
