"""Sample files: those in tests/data are always there (its NOTICE names source and licence), the rest where they are at hand."""

import os
from pathlib import Path

import pytest

HERE = Path(__file__).with_name("data")
ELSEWHERE = Path(os.environ.get("L2C_DATA", Path(__file__).parents[2] / "shared" / "data"))


def sample(name: str) -> Path:
    """Path of a sample file; a test that asks for one that is nowhere is skipped, or fails where L2C_DATA promised it."""
    for folder in (HERE, ELSEWHERE):
        if (folder / name).exists():
            return folder / name
    if "L2C_DATA" in os.environ:
        pytest.fail(f"L2C_DATA names {ELSEWHERE}, which holds no {name}")
    pytest.skip(f"sample data {name} is not here (set L2C_DATA to its folder)")
