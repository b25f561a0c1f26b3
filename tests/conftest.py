"""What several tests need."""

import os
import sys
import warnings
from pathlib import Path

import pytest
from hypothesis import settings

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"

# Every process that a test starts would compile the whole kit again, where the machine keeps nothing compiled.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# How long an example takes depends on what else the machine does, and says nothing about the code. The few of `make test` are
# the same in every run, so that none fails by chance; `make thorough` draws many others, and tries again what failed once.
settings.register_profile("few", deadline=None, max_examples=6, derandomize=True, database=None)
settings.register_profile("many", deadline=None, max_examples=200)
settings.load_profile("few")


def pytest_configure(config):
    """Give the notebooks, before nbval runs them side by side, the log that they would make in an empty folder."""
    if hasattr(config, "workerinput") or not getattr(config.option, "nbval", False):
        return
    from l2c.lab import at_hand

    # Widgets have random names; as text, the filter panel can be compared.
    os.environ["L2C_REPORT"] = "1"
    # What somebody keeps there is not removed for a test.
    if at_hand(NOTEBOOKS / "out" / "log", NOTEBOOKS / "out").origin.demo != (5000, 7):
        raise pytest.UsageError(
            "notebooks/out holds other data than the demo company's: move it away before the tests."
        )


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Begin with what takes long, so that at the end no processor waits for another that has just begun it."""
    marks = ("slow", "browser")
    long = {i.path for i in items if i.path.suffix == ".ipynb" or any(map(i.get_closest_marker, marks))}
    items.sort(key=lambda item: item.path not in long)


@pytest.fixture
def pm4py_quietly(capfd):
    """pm4py greets on import and warns about its own future; neither says anything about our code."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
