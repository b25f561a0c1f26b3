"""The dashboard: its pages, and how they are served to those who never open a notebook."""

from typing import Any

__all__ = ["dashboard"]


def __getattr__(name: str) -> Any:
    # Whoever only serves the pages needs nothing that measures or draws.
    if name == "dashboard":
        from l2c.dashboard.pages import dashboard

        return dashboard
    raise AttributeError(f"module 'l2c.dashboard' has no attribute {name!r}")
