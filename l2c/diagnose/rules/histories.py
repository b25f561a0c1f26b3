"""What changed in a case along the way: its owner, its amount, its stage?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c import engine
from l2c.diagnose.rules.evidence import NOT_APPLICABLE, OK, VIOLATED, Events, Verdict
from l2c.diagnose.rules.verbs import alternatives, whole
from l2c.measures.facts import NEVER, Facts, as_times
from l2c.words import vocabulary
from l2c.words.errors import BadRules

STAGE = "Stage: "


def changes(events: Events, argument: Any, rule: str) -> Verdict:
    """An attribute changes at most so many times in a case, by its values from event to event or by activities."""
    if not isinstance(argument, dict) or not {"attribute", "at_most"} <= set(argument):
        raise BadRules.argument(rule, "changes", "{attribute: rep, at_most: 1}")
    limit = whole(argument["at_most"], rule, "changes", "{attribute: rep, at_most: 1}")
    name = str(argument["attribute"])
    named = alternatives(argument["activity"], rule) if "activity" in argument else []
    times = np.bincount(events.case[events.of_kind(named)], minlength=len(events.facts))
    rows = history(events.facts, name)
    if rows is not None:
        times = np.maximum(times, np.bincount(rows.case[rows.new], minlength=len(events.facts)))
    # A log in which nobody's value ever changes and no activity tells of it keeps only the last value.
    if rows is None and not events.known(named):
        return events.none()
    state = np.where(times > limit, VIOLATED, OK)
    return events.verdict(state, events.first(named) if named else None)


def never_falls(events: Events, argument: Any, rule: str) -> Verdict:
    """A number never becomes smaller, at least until some activity."""
    if not isinstance(argument, dict) or "attribute" not in argument:
        raise BadRules.argument(rule, "never_falls", "{attribute: amount, until: [Closed Won]}")
    named = alternatives(argument["activity"], rule) if "activity" in argument else []
    end = events.facts.first(*alternatives(argument["until"], rule)) if "until" in argument else None
    end = np.full(len(events.facts), NEVER) if end is None else end
    fell = np.zeros(len(events.facts), bool)
    cuts = events.of_kind(named)
    fell[events.case[cuts[events.time[cuts] <= end[events.case[cuts]]]]] = True
    rows = history(events.facts, str(argument["attribute"]))
    if rows is None and not events.known(named):
        return events.none()
    if rows is not None:
        # What is written at the very close is part of it: a last cut to win the deal.
        lower = rows.new & (rows.step < 0) & (rows.time <= end[rows.case])
        fell[rows.case[lower]] = True
    return events.verdict(np.where(fell, VIOLATED, OK), events.first(named) if named else None)


def stages(events: Events, argument: Any, rule: str) -> Verdict:
    """A case passes every stage that at least such a share of the won deals pass."""
    if not isinstance(argument, int | float) or not 0 < argument <= 1:
        raise BadRules.argument(rule, "stages", "0.75")
    passed = _stages(events.facts)
    if passed is None:
        return events.none()
    won = events.facts.won != NEVER
    usual = passed[won].mean(axis=0) >= argument if won.any() else np.zeros(passed.shape[1], bool)
    seen = passed.any(axis=1)
    state = np.where(passed[:, usual].all(axis=1), OK, VIOLATED)
    return events.verdict(np.where(seen & usual.any(), state, NOT_APPLICABLE))


class History:
    """Known values of an attribute in order: `new` where one differs from the one before it in its case."""

    def __init__(self, case: NDArray[Any], time: NDArray[Any], new: NDArray[Any], step: NDArray[Any]) -> None:
        self.case, self.time, self.new, self.step = case, time, new, step


def history(facts: Facts, name: str) -> History | None:
    """The values of an attribute from event to event; None where the log keeps one value per case."""
    import narwhals as nw

    if name not in facts.log.base.events.collect_schema().names():
        return None
    rows = engine.collect(
        facts.log.events.filter(~nw.col(name).is_null()).select("case_key", "position", "time", name)
    ).sort_values(["case_key", "position"], ignore_index=True)
    case = facts.place[rows["case_key"].to_numpy(np.int64)]
    values = rows[name]
    numbers = values.to_numpy(np.float64) if pd.api.types.is_numeric_dtype(values.dtype) else pd.factorize(values)[0]
    step = np.diff(numbers.astype(np.float64), prepend=np.nan)
    inside = np.concatenate([[False], case[1:] == case[:-1]])[: len(case)]
    return History(case, as_times(rows["time"].to_numpy()), inside & (step != 0), step)


def _stages(facts: Facts) -> NDArray[np.bool_] | None:
    """Which stages each case has passed, one column per stage, without those that end a deal; None of fewer than two."""
    passed = facts.log.base.memo("stages passed", lambda: _passed(facts.whole()))
    if passed is None:
        return None
    mine = passed[facts.rows]
    there = mine.any(axis=0)
    return mine[:, there] if there.sum() > 1 else None


def _passed(facts: Facts) -> NDArray[np.bool_] | None:
    import narwhals as nw

    from l2c.words import matching

    names = [name for name in facts.log.activities if name.startswith(STAGE)]
    if "stage" in facts.log.base.events.collect_schema().names():
        found = facts.log.events.filter(~nw.col("stage").is_null()).select("case_key", stage=nw.col("stage"))
    elif names:
        found = facts.log.events.filter(nw.col("activity").is_in(names)).select("case_key", stage=nw.col("activity"))
    else:
        return None
    rows = engine.collect(found.unique())
    ends = _closing_stages(facts) | {
        s for s in rows["stage"].unique() if matching.stage_outcome(str(s).removeprefix(STAGE)) in ("won", "lost")
    }
    rows = rows[~rows["stage"].isin(ends)]
    codes, kinds = pd.factorize(rows["stage"], sort=True)
    passed = np.zeros((len(facts), len(kinds)), bool)
    passed[facts.place[rows["case_key"].to_numpy(np.int64)], codes] = True
    return passed


def _closing_stages(facts: Facts) -> set[str]:
    """Stages in which deals stand when they close and never while open, whatever they are called."""
    import narwhals as nw

    events = facts.log.base.events
    if "stage" not in events.collect_schema().names():
        return set()
    closing = events.filter(nw.col("activity").is_in(vocabulary.closings()))
    known = closing.filter(~nw.col("stage").is_null())
    others = events.filter(~nw.col("stage").is_null()).join(
        closing.select("case_key").unique(), on="case_key", how="anti"
    )
    at_close, while_open = (engine.collect(rows.select("stage").unique())["stage"] for rows in (known, others))
    return set(at_close) - set(while_open)
