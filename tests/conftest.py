"""What several tests need."""

import warnings

import pytest


@pytest.fixture
def pm4py_quietly(capfd):
    """pm4py greets on import and warns about its own future; neither says anything about our code."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
