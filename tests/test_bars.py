"""A small version of `make honesty`: each bar in two worlds of its own."""

import importlib
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent.parent / "benchmarks"))
bars = importlib.import_module("bars")


@pytest.mark.slow("each promise of `make honesty`, in two worlds")
@pytest.mark.parametrize("bar", [bar for bar in bars.every() if bar.tested], ids=lambda bar: bar.what)
def test_a_promise_holds_in_two_worlds(bar):
    found = bars.result([bar.one(seed) for seed in bar.tested])
    assert found.worlds
    assert bars.met(bar, found), bars.row(bar, found)


def test_a_share_over_worlds_and_its_error():
    found = bars.result([1.0, 0.0, 1.0, 0.0, None])
    assert (found.value, found.worlds) == (0.5, 4)
    assert found.error == pytest.approx(0.25)
    nested = bars.result([[1.0, 1.0], [0.0, 0.0], []])
    assert (nested.value, nested.worlds) == (0.5, 2)
    assert nested.error == pytest.approx(2**0.5 / 4)


def test_bars_are_met_from_their_side():
    at_most = bars.Bar("false findings", one=float, bar=0.1)
    assert bars.met(at_most, bars.Result(0.1, 0.0, 9))
    assert not bars.met(at_most, bars.Result(0.12, 0.01, 9))
    assert bars.met(at_most, bars.Result(0.12, 0.02, 9))
    between = bars.Bar("over its truth", one=float, bar=0.8, also=1.25)
    assert bars.met(between, bars.Result(1.0, 0.0, 9))
    assert not bars.met(between, bars.Result(0.7, 0.0, 9))
    at_least = bars.Bar("covers", one=float, bar=0.9, at_most=False)
    assert not bars.met(at_least, bars.Result(0.85, 0.01, 9))
    assert "not met" in str(bars.row(at_least, bars.Result(0.85, 0.01, 9))["verdict"])
