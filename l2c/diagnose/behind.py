"""Which cases are behind the rows of a table?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from l2c import engine
from l2c.log import END, START, EventLog
from l2c.measures.behind import BEHIND, Places, measured_on, of_ids, packed, places
from l2c.measures.facts import NEVER, Facts

if TYPE_CHECKING:
    import pandas as pd

Step = tuple[str, str]


def behind(table: pd.DataFrame, log: EventLog) -> pd.DataFrame:
    """Say of each row of a table which cases its number is made of.

    Parameters
    ----------
    table
        What `l2c.kpis`, `steps`, `bottlenecks`, `discover.flow`, `funnel`, `compliance` or another function returned for this log, whose rows name a `kpi`, a step
        (`from`, `to`), a `milestone`, or the ids of their `cases`. `findings` and `causes` say it themselves.

    Returns
    -------
    The same table with a column `behind`: the places of the cases in the log, as `l2c.measures.behind.packed` writes them;
    None where they are not known. `show` makes the numbers of such rows lead to them.
    """
    columns = set(table.columns)
    if BEHIND in columns:
        return table
    if {"from", "to"} <= columns:
        steps = list(zip(table["from"], table["to"], strict=True))
        found = of_steps(log, steps)
        rows = [found.get(step) for step in steps]
    elif "milestone" in columns:
        facts = Facts.of(log)
        rows = [facts.rows[facts.first(name) != NEVER] for name in table["milestone"]]
    elif "cases" in columns and table["cases"].map(lambda each: isinstance(each, (list, tuple))).all():
        rows = [of_ids(log, each) for each in table["cases"]]
    elif "kpi" in columns:
        rows = [measured_on(log, kpi) for kpi in table["kpi"]]
    else:
        rows = [None] * len(table)
    return with_places(table, rows)


def of_steps(log: EventLog, steps: Iterable[Step]) -> dict[Step, Places]:
    """The cases that took each of some steps, from one activity to the next."""
    import narwhals as nw

    wanted = {(start, end) for start, end in steps if start != START and end != END}
    if not wanted:
        return {}
    one, other = nw.col("activity"), nw.col("next_activity")
    starts, ends = ({step[side] for step in wanted} for side in (0, 1))
    moves = log.events.filter(nw.col("first_of_step") & one.is_in(sorted(starts)) & other.is_in(sorted(ends)))
    taken = engine.collect(moves.select("case_key", "activity", "next_activity"))
    facts = Facts.of(log)
    rows = facts.place[taken["case_key"].to_numpy()]
    by = taken.assign(row=rows).groupby(["activity", "next_activity"], observed=True)["row"]
    return {step: places(facts, part.to_numpy()) for step, part in by if step in wanted}


def with_places(table: pd.DataFrame, rows: Iterable[Places | None]) -> pd.DataFrame:
    """The same table with the places of the cases behind each row."""
    import pandas as pd

    texts = [None if each is None or not len(each) else packed(each) for each in rows]
    made = table.assign(**{BEHIND: pd.Series(texts, index=table.index, dtype=object)})
    made.attrs = table.attrs
    return made
