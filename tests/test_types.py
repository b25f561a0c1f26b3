"""What the kit says of its types holds: mypy, as one of the tests, so that another processor runs the rest meanwhile."""

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow("mypy reads the whole kit")
def test_every_type_holds():
    command = [sys.executable, "-m", "mypy"]
    ran = subprocess.run(command, cwd=Path(__file__).parents[1], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
