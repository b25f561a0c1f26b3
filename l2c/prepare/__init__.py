"""Is my data right? The template, the reader, and what it found."""

from importlib import import_module
from typing import Any

_PLACES = {
    "actors": "l2c.prepare.performers",
    "activity_coverage": "l2c.prepare.provenance",
    "fan_out": "l2c.prepare.provenance",
    "objects": "l2c.prepare.provenance",
    "records": "l2c.prepare.provenance",
    "activity_guide": "l2c.prepare.guide",
    "attribute_guide": "l2c.prepare.guide",
    "coverage": "l2c.prepare.guide",
    "portion": "l2c.prepare.portions",
    "templates": "l2c.prepare.template",
}
__all__ = sorted(_PLACES)


def __getattr__(name: str) -> Any:
    if name in _PLACES:
        return getattr(import_module(_PLACES[name]), name)
    raise AttributeError(f"module 'l2c.prepare' has no attribute {name!r}")
