"""Write docs/api.md from what the packages offer: `python -m tests.api_page`."""

import importlib
import inspect
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "api.md"
PACKAGES = (
    "l2c", "l2c.log", "l2c.prepare", "l2c.demo", "l2c.lab", "l2c.discover", "l2c.kpis", "l2c.diagnose", "l2c.improve",
    "l2c.monitor", "l2c.analysis", "l2c.check", "l2c.show", "l2c.report", "l2c.dashboard", "l2c.stats",
)  # fmt: skip
HEAD = """# What is public

Whatever stands in `__all__` of these packages, and nothing else; a name without a place here may change at any time. Each
function's docstring (`help(l2c.kpis)`) says what it takes and returns, column by column. Made by `python -m tests.api_page`;
`EventLog`, which nearly all of them take, comes from `l2c.read`, `l2c.open` or `l2c.demo`.
"""


def public(package: str) -> dict[str, object]:
    """The public names of a package and what they stand for."""
    module = importlib.import_module(package)
    return {name: getattr(module, name) for name in sorted(module.__all__)}


def line(name: str, thing: object) -> str:
    """A name, its arguments, and what its docstring says first."""
    if not callable(thing):
        return f"- `{name}` = `{thing!r}`"
    said = (inspect.getdoc(thing) or "").splitlines()[0]
    try:
        names = [str(p).split(":")[0].split("=")[0].strip() for p in inspect.signature(thing).parameters.values()]
    except (TypeError, ValueError):
        names = []
    call = f"({', '.join(names)})" if inspect.isfunction(thing) else ""
    return f"- `{name}{call}`: {said}"


def page() -> str:
    """The whole page."""
    parts = [HEAD.strip()]
    for package in PACKAGES:
        module = importlib.import_module(package)
        said = (module.__doc__ or "").strip().splitlines()[0]
        parts.append(f"## `{package}`\n\n{said}\n\n" + "\n".join(line(*each) for each in public(package).items()))
        if package == "l2c.log":
            from l2c.log import EventLog

            own = {
                n: v
                for kind in reversed(EventLog.__mro__[:-1])
                for n, v in vars(kind).items()
                if not n.startswith("_") and (inspect.isfunction(v) or hasattr(v, "__doc__"))
            }
            facts = [n for n, v in own.items() if not inspect.isfunction(v)]
            calls = [
                line(n, v).replace("(self, ", "(").replace("(self)", "()")
                for n, v in own.items()
                if inspect.isfunction(v)
            ]
            parts.append(
                "### `EventLog`\n\nFacts: "
                + ", ".join(f"`{n}`" for n in sorted(facts))
                + ".\n\n"
                + "\n".join(sorted(calls))
            )
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
