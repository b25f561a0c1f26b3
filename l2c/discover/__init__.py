"""What really happens? The discovered process: who follows whom, along which paths, how far the deals get."""

from importlib import import_module
from typing import Any

from l2c.discover.activities import activities
from l2c.discover.bpmn import Model
from l2c.discover.contrast import contrast
from l2c.discover.exits import dots, exits
from l2c.discover.flow import flow
from l2c.discover.happy_path import deviations, happy_path
from l2c.discover.model import model
from l2c.discover.replay import replay
from l2c.discover.throughput import throughput
from l2c.discover.timeline import timeline
from l2c.discover.variants import variants
from l2c.geometry.order import activity_order

__all__ = [
    "Model",
    "activities",
    "activity_order",
    "contrast",
    "deviations",
    "dots",
    "exits",
    "flow",
    "funnel",
    "happy_path",
    "model",
    "replay",
    "spine",
    "throughput",
    "timeline",
    "variants",
]

# Belong to this step of the plan, and sum up what is measured on the floors above.
_ABOVE = {"funnel": "l2c.diagnose.sale.funnel", "spine": "l2c.diagnose.waits.spine"}


def __getattr__(name: str) -> Any:
    if name in _ABOVE:
        return getattr(import_module(_ABOVE[name]), name)
    raise AttributeError(f"module 'l2c.discover' has no attribute {name!r}")
