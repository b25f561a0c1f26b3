"""Real sample files: used where they are at hand, never part of the project."""

import os
from pathlib import Path

import pytest

SAMPLES = Path(os.environ.get("L2C_DATA", Path(__file__).parents[2] / "shared" / "data"))


def sample(name: str) -> Path:
    """Path of a sample file; skips the test that asks for one that is not here."""
    path = SAMPLES / name
    if not path.exists():
        pytest.skip(f"sample data {name} is not here (set L2C_DATA to its folder)")
    return path
