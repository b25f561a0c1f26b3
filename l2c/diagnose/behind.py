"""Which cases are behind the rows of a table?"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from l2c import engine
from l2c.diagnose.cash import behind as cash
from l2c.diagnose.flow import behind as flow
from l2c.diagnose.people import behind as people
from l2c.diagnose.sale import behind as sale
from l2c.log import END, START, EventLog
from l2c.measures.behind import BEHIND, Found, Places, measured_on, of_ids, of_keys, packed, places
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
    found = next((of for known, of in _KINDS if known <= columns), None) if len(table) else None
    return with_places(table, [None] * len(table) if found is None else found(table, log))


def _of_steps(table: pd.DataFrame, log: EventLog) -> Found:
    steps = list(zip(table["from"], table["to"], strict=True))
    found = of_steps(log, steps)
    yield from (found.get(step) for step in steps)


def _of_milestones(table: pd.DataFrame, log: EventLog) -> Found:
    found = of_activities(log, table["milestone"])
    yield from (found[name] for name in table["milestone"])


def _of_cases(table: pd.DataFrame, log: EventLog) -> Found:
    """Those whose ids stand in the table itself; a count names none."""
    for each in table["cases"]:
        yield of_ids(log, each) if isinstance(each, (list, tuple)) else None


def _of_kpis(table: pd.DataFrame, log: EventLog) -> Found:
    yield from (measured_on(log, kpi) for kpi in table["kpi"])


def _unknown(table: pd.DataFrame, log: EventLog) -> Found:
    yield from (None for _ in range(len(table)))


# By which columns a table is known, the more telling first.
_KINDS: tuple[tuple[set[str], Callable[[pd.DataFrame, EventLog], Found]], ...] = (
    ({"handovers", "from", "to"}, people.of_handovers),
    ({"waits_for", "from", "to", "p90_days"}, sale.of_quotes),
    ({"from", "to"}, _of_steps),
    ({"milestone", "within_days"}, sale.of_conversion),
    ({"milestone"}, _of_milestones),
    ({"stage", "entries"}, sale.of_stages),
    ({"activity", "silent"}, sale.of_silent),
    ({"discount", "closed"}, sale.of_bands),
    ({"verdict", "margin", "knot"}, sale.of_discounts),
    ({"waits_for", "case_days", "censored"}, sale.of_quote_waits),
    ({"measure", "weighted", "due_days"}, cash.of_payments),
    ({"bucket"}, cash.of_ageing),
    ({"measure", "unit", "censored", "note"}, cash.of_receivables),
    ({"late_amount", "yearly_rate"}, cash.of_late_customers),
    ({"kind", "documents", "chains"}, cash.of_leaks),
    ({"kind", "currency", "chains"}, cash.of_bridge),
    ({"rep", "step", "peer"}, people.of_reps),
    ({"rep", "measure", "rank_low"}, people.of_reps),
    ({"kind", "count", "events"}, flow.of_rework),
    ({"kind", "total_days", "median_days"}, flow.of_rework_days),
    ({"kind", "activity", "events", "share"}, flow.of_deviations),
    ({"left_after", "instead"}, flow.of_exits),
    ({"variant_id", "trace", "done_again"}, flow.of_variants),
    # Of a quarter or another part of the time not all of them are meant: `monitor.behind`.
    ({"kpi", "quarter"}, _unknown),
    ({"kpi"}, _of_kpis),
    ({"cases"}, _of_cases),
)


def of_steps(log: EventLog, steps: Iterable[Step]) -> dict[Step, Places]:
    """The cases that took each of some steps, from one activity to the next; to the first and from the last one as well."""
    import narwhals as nw

    every = set(steps)
    wanted = {(start, end) for start, end in every if start != START and end != END}
    found = _of_ends(log, every - wanted) if every - wanted else {}
    if not wanted:
        return found
    one, other = nw.col("activity"), nw.col("next_activity")
    starts, ends = ({step[side] for step in wanted} for side in (0, 1))
    moves = log.events.filter(nw.col("first_of_step") & one.is_in(sorted(starts)) & other.is_in(sorted(ends)))
    taken = engine.collect(moves.select("case_key", "activity", "next_activity"))
    facts = Facts.of(log)
    rows = facts.place[taken["case_key"].to_numpy()]
    by = taken.assign(row=rows).groupby(["activity", "next_activity"], observed=True)["row"]
    return found | {step: places(facts, part.to_numpy()) for step, part in by if step in wanted}


def of_activities(log: EventLog, activities: Iterable[str]) -> dict[str, Places]:
    """The cases that have each of some activities."""
    facts = Facts.of(log)
    return {name: facts.rows[facts.first(name) != NEVER] for name in activities}


def _of_ends(log: EventLog, steps: set[Step]) -> dict[Step, Places]:
    """The cases that begin, or end to date, with an activity."""
    facts = Facts.of(log)
    cases = engine.collect(log.cases.select("case_key", "variant_id"))
    traces = log.base.traces.reindex(cases["variant_id"])
    by = {START: [trace[0] for trace in traces], END: [trace[-1] for trace in traces]}
    found = {}
    for start, end in steps:
        here, name = (START, end) if start == START else (END, start)
        found[start, end] = of_keys(facts, cases.loc[[each == name for each in by[here]], "case_key"])
    return found


def with_places(table: pd.DataFrame, rows: Iterable[Places | None]) -> pd.DataFrame:
    """The same table with the places of the cases behind each row."""
    import pandas as pd

    texts = [None if each is None or not len(each) else packed(each) for each in rows]
    made = table.assign(**{BEHIND: pd.Series(texts, index=table.index, dtype=object)})
    made.attrs = table.attrs
    return made
