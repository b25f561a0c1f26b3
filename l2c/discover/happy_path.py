"""Which path should a deal take, and where do deals leave it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from l2c import engine
from l2c.discover.variants import variants
from l2c.log import EventLog
from l2c.log.outcomes import ENDED_BY

if TYPE_CHECKING:
    import pandas as pd


def happy_path(log: EventLog) -> tuple[str, ...]:
    """Return the most frequent trace of the deals that ended well.

    Paid deals decide; where none is paid, the won ones; where the log knows no outcome, all cases. Open cases
    are unfinished, not short, and so have no say. Equal counts: the shorter trace, then the alphabet.
    """
    for outcome in ("paid", "won"):
        if log.where(outcome=outcome).n_cases:
            return tuple(variants(log.where(outcome=outcome))["trace"].iloc[0])
    found = variants(log)
    return tuple(found["trace"].iloc[0]) if len(found) else ()


def deviations(log: EventLog, path: tuple[str, ...] | None = None) -> pd.DataFrame:
    """For each case, whether and where it leaves the happy path.

    Parameters
    ----------
    path
        The path to hold the cases against; the happy path of the whole log unless given.

    Returns
    -------
    One row per case, by `case_id`: `case_id, variant_id, status`; `conforming` (True, False, or missing while
    a deal is on the path but not at its end); `steps` (events on the path before leaving it); `left_after`,
    `expected`, `instead` (where it left, what should have come, what came; END when it stopped).

    Notes
    -----
    A lost deal conforms when it was on the path until Closed Lost, a lost lead until Lead Disqualified. In a log that knows no outcome, every case
    counts as ended.
    """
    import pandas as pd

    whole = EventLog(log.base)
    path = happy_path(whole) if path is None else tuple(path)
    cases = engine.collect(log.cases.select("case_id", "variant_id", "status"))
    traces = variants(log).set_index("variant_id")["trace"]
    kinds = cases[["variant_id", "status"]].drop_duplicates()
    verdicts = [
        _verdict(traces[variant], path, status if log.base.knows_outcomes else "paid")
        for variant, status in kinds.itertuples(index=False)
    ]
    columns = ["conforming", "steps", "left_after", "expected", "instead"]
    judged = pd.concat(
        [
            kinds.reset_index(drop=True),
            pd.DataFrame(verdicts, columns=columns).astype({"conforming": "boolean"}),
        ],
        axis=1,
    )
    return cases.merge(judged, on=["variant_id", "status"]).sort_values("case_id", ignore_index=True)


def _verdict(trace: tuple[str, ...], path: tuple[str, ...], status: str) -> tuple[object, int, object, object, object]:
    from itertools import takewhile

    from l2c.log import END, START

    steps = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(trace, path, strict=False)))
    came = trace[steps] if steps < len(trace) else END
    expected = path[steps] if steps < len(path) else END
    if came == expected:
        return True, steps, None, None, None
    if came == END and status in ("open", "won"):
        return None, steps, None, None, None
    if status in ENDED_BY and trace[steps:] == (ENDED_BY[status],):
        return True, steps, None, None, None
    return False, steps, trace[steps - 1] if steps else START, expected, came
