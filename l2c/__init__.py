"""Lead-to-cash process mining: from a Salesforce export to a six-step improvement plan.

`check` looks at a source; `read`, `open`, `demo` make an `EventLog`; `kpis` and the packages `discover`, `diagnose`, `improve` and
`monitor` ask it; `show` draws the answers. Nothing heavy is imported until it is used.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

from l2c.words.errors import L2CError

__version__ = "0.1.0"
__all__ = ["END", "START", "EventLog", "L2CError", "check", "demo", "kpis", "open", "read"]

_PLACES = {
    "END": ("l2c.log", "END"),
    "START": ("l2c.log", "START"),
    "EventLog": ("l2c.log", "EventLog"),
    "check": ("l2c.check", "check"),
    "demo": ("l2c.demo", "log"),
    "kpis": ("l2c.kpis", "kpis"),
    "open": ("l2c.log", "open_log"),
    "read": ("l2c.prepare.read", "read"),
}


class _Package(ModuleType):
    """Importing `l2c.kpis` or `l2c.demo` would put the module where the public function of that name belongs."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _PLACES and isinstance(value, ModuleType):
            value = getattr(value, _PLACES[name][1])
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def __getattr__(name: str) -> Any:
    if name in _PLACES:
        module, attribute = _PLACES[name]
        return getattr(import_module(module), attribute)
    if name in {"discover", "diagnose", "improve", "monitor", "prepare", "show"}:
        return import_module(f"l2c.{name}")
    raise AttributeError(f"module 'l2c' has no attribute {name!r}")
