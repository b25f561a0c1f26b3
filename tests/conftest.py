"""What several tests need."""

import os
import warnings
from pathlib import Path

import pytest
from hypothesis import settings

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"

# How long an example takes depends on what else the machine does, and says nothing about the code.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_configure(config):
    """Give the notebooks, before nbval runs them side by side, the log that step 2 would have saved."""
    if hasattr(config, "workerinput") or not getattr(config.option, "nbval", False):
        return
    from l2c.demo.practice import at_hand

    # Widgets have random names; as text, the filter panel can be compared.
    os.environ["L2C_REPORT"] = "1"
    out = NOTEBOOKS / "out"
    at_hand(out / "demo_log.csv", out).save(out / "log")


@pytest.fixture
def pm4py_quietly(capfd):
    """pm4py greets on import and warns about its own future; neither says anything about our code."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
