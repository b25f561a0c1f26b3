"""Where are the notebooks and the templates? In the checkout, or inside the installed package."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).parents[1]


def _place(name: str, mark: str) -> Path:
    """The folder of the checkout, whose top level is the source; else the copy that the build put into the package."""
    beside = PACKAGE.parent / name
    # Installed, the package lies among others, where a folder of that name may be anybody's.
    return beside if (PACKAGE.parent / "pyproject.toml").exists() and (beside / mark).exists() else PACKAGE / name


NOTEBOOKS = _place("notebooks", "report.ipynb")
TEMPLATES = _place("data_templates", "rules.yaml")
