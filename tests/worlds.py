"""The benchmark's companies with known faults, for tests."""

import importlib.util
import sys
from pathlib import Path

_PATH = Path(__file__).parent.parent / "benchmarks" / "worlds.py"


def _load():
    spec = importlib.util.spec_from_file_location("benchmark_worlds", _PATH)
    module = importlib.util.module_from_spec(spec)
    sys.modules["benchmark_worlds"] = module
    spec.loader.exec_module(module)
    return module


worlds = _load()
