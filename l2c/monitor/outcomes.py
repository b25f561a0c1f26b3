"""Did the five things come that were wanted: faster sales and contracts, more leads converted, fewer errors, the process kept?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from l2c import stats
from l2c.diagnose.rules.compliance import Source
from l2c.diagnose.rules.files import shipped_names
from l2c.diagnose.tidy import noted
from l2c.improve.entries import Register
from l2c.improve.to_be import Drawing
from l2c.kpis import named
from l2c.log import EventLog
from l2c.measures.facts import Facts, micros
from l2c.measures.observations import observations
from l2c.monitor.against import apart
from l2c.monitor.asked import Asked, asked
from l2c.monitor.compare import PLACEBOS
from l2c.monitor.conformity import CONFORMANCE, to_drawing, to_rules
from l2c.monitor.outcome import One, design, known, row
from l2c.monitor.ripe import judged_from
from l2c.monitor.sides import Sides, began, sides
from l2c.words.measures import Measure, measures
from l2c.words.notes import Note

FIVE = (
    "sales_cycle_days", "lead_conversion_incidence", "quote_to_contract_days", "order_error_rate", "conformance_rate",
)  # fmt: skip
COLUMNS = (
    "outcome", "rule", "unit", "before", "after", "raw", "raw_low", "raw_high", "percent", "low", "high", "p",
    "p_together", "placebos", "rank", "season", "verdict", "judged_from", "announced", "now", "target", "target_by",
    "reached", "cases_before", "cases_after", "others_before", "others_after", "others_cases", "horizon_days", "design",
    "window_start", "change_date", "window_end",
)  # fmt: skip


def outcomes(
    log: EventLog,
    date: str | datetime | None = None,
    *,
    against: Mapping[str, Any] | None = None,
    register: str | Path | Register | None = None,
    decision: str | None = None,
    to_be: Drawing | None = None,
    rules: Source = None,
    days: float | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Judge the five outcomes of a change: is each better, worse, may it be chance, or can it not be judged yet?

    Parameters
    ----------
    date
        The day of the change; that of the decision where one is given.
    against
        Cases that the change did not reach, in the words of `EventLog.where`, such as `{"region": "EMEA"}`: all others are held
        against what these went through at the same time.
    register
        The register beside the log (docs/register.md): its targets, and the key figure that a decision of that day named
        beforehand.
    decision
        The id of a decision of the register.
    to_be
        The process as it shall be (a BPMN file, a drawing, activities that follow each other), to which cases conform or not; the
        happy path of the whole log unless given.
    rules
        A YAML file of rules (docs/rules.md); those shipped with the kit unless given.
    days
        Length of both windows; the longest that fits on both sides unless given.
    level
        Level of the intervals; what is left of 1 is the share of false alarms over the five together.

    Returns
    -------
    One row per outcome that these data hold, then one per rule that somebody breaks (`rule`; conformance to it): `outcome` (id of the measure), `unit`;
    `before, after` as they stand; how much better, in percent (shorter, more, fewer; negative: worse): `raw, raw_low,
    raw_high` as it stands, `percent, low, high` beside trend, season and another mix of cases, or beside what the others went
    through; `p`, and `p_together` with what it is judged with; `placebos, rank, season` as in `compare`; `verdict`: `better`,
    `worse`, `may_be_chance` or `not_yet` (cannot be judged yet), and `judged_from`, the day from which it can, if arrivals go
    on as before; `announced`: whether a decision named it beforehand; `now`: the key figure of what began since the date,
    with its `target`, `target_by` and whether it is `reached`; `cases_before, cases_after`; `others_before, others_after,
    others_cases` of the comparison; `horizon_days` within which durations and incidences are told; `design`: `before_after` or
    `against_others`; `window_start, change_date, window_end`. What the data do not hold has no row; `attrs["note"]` names it.

    Raises
    ------
    BadComparison
        If the date is not one or leaves no room, or one of the groups is empty.
    BadRegister
        If the register makes no sense, or has no such decision.
    UnknownName, BadFilter, BadModel, BadRules
        If a filter, the drawing or the file of rules makes no sense.

    Notes
    -----
    Before and after, raw and beside trend, season and mix: those of `compare`. Percent are of ratios: of restricted means for
    durations, of rates else; raw intervals by MOVER on logarithms, the others those of the step, carried over to the ratio of the
    level after to where it would have been. With others to compare with, differences in differences of logarithms
    (`monitor.against`): blocks of one account go together, errors are wider by how far steps at earlier dates lie from nothing.
    A verdict asks for `p_together` (Holm, 1979) of at most `1 - level` over the five, apart from them over the rules, and for a step
    larger than those at 19 in 20 earlier dates; the figure that was announced beforehand is judged alone. Intervals are plain
    ones. The design tells that something changed on that day beyond what it allows for, not why; with others to compare with, what struck both alike is
    out.
    """
    shipped_names(rules, "rule")
    plan = asked(log, date, register, decision)
    return judged(log, plan, _wanted(log, plan), Yardsticks(against, to_be, rules), days, level)


class Yardsticks(NamedTuple):
    """Against whom, and by which drawing and rules, outcomes are judged; by no rules where these are not asked for."""

    against: Mapping[str, Any] | None = None
    to_be: Drawing | None = None
    rules: Source = None
    by_rules: bool = True


def judged(
    log: EventLog, plan: Asked, wanted: list[Measure], ways: Yardsticks, days: float | None, level: float
) -> pd.DataFrame:
    """Judge some outcomes; see `outcomes`."""
    if plan.change >= micros(log.extracted):
        facts, begin = Facts.of(log), micros(began(log))
        ahead = [_ahead(facts, each, plan, begin) for each in wanted]
        return _finished([each for each in ahead if each["cases_before"]], log, plan, None, level, wanted)
    cut = sides(log, plan.change, days)
    own, others = (cut, None) if ways.against is None else apart(cut, log, ways.against)
    rows = [row(each, own, others, plan, level) for each in _every(own, others, wanted, ways)]
    return _finished(rows, log, plan, cut, level, wanted)


def _wanted(log: EventLog, plan: Asked) -> list[Measure]:
    """What was announced, then the five."""
    told = known(log)
    return [told[id] for id in dict.fromkeys([*plan.announced, *FIVE]) if id in told]


def _every(own: Sides, others: Sides | None, wanted: list[Measure], ways: Yardsticks) -> Iterator[One]:
    """The outcomes, then the rules."""
    cuts = [own] if others is None else [own, others]
    for measure in wanted:
        drawn = ways.to_be if measure.id == CONFORMANCE else None
        seen = [cut.seen(measure.id) if drawn is None else to_drawing(cut, drawn) for cut in cuts]
        if all(each.told for pair in seen for each in pair) and len(seen[0][1]):
            yield One(measure, "", seen[0], seen[1] if others is not None else None)
    if not ways.by_rules:
        return
    for rule, (mine, *theirs) in to_rules(cuts, ways.rules):
        yield One(measures()[CONFORMANCE], rule, mine, theirs[0] if theirs else None)


def _ahead(facts: Facts, measure: Measure, plan: Asked, begin: int) -> dict[str, Any]:
    """The row of an outcome whose day has not come yet."""
    found = observations(facts, measure.id)
    day = judged_from(found, plan.change, begin, facts.until, plan.announced.get(measure.id, 0.0))
    told = {"outcome": measure.id, "rule": "", "unit": measure.unit, "judged_from": day, "design": design(None)}
    return told | {"cases_before": int(found.told) * len(found), "cases_after": 0, "placebos": 0, "season": False}


def _finished(
    rows: list[dict[str, Any]], log: EventLog, plan: Asked, cut: Sides | None, level: float, wanted: list[Measure]
) -> pd.DataFrame:
    """The table with its verdicts."""
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    table["announced"] = table["outcome"].isin(list(plan.announced)) & (table["rule"] == "")
    family = np.where(table["announced"], table["outcome"], np.where(table["rule"] == "", "five", "rules"))
    for each in dict.fromkeys(family):
        table.loc[family == each, "p_together"] = stats.holm(table.loc[family == each, "p"].astype(float))
    table["verdict"] = _verdicts(table, level)
    table["judged_from"] = table["judged_from"].where(table["verdict"] == "not_yet")
    first, last = (None, None) if cut is None else (cut.windows[0][0], cut.windows[1][1])
    moments = {"window_start": first, "change_date": plan.change, "window_end": last}
    for name, moment_ in moments.items():
        table[name] = _wall(moment_, log)
    table["judged_from"] = pd.Series([_wall(each, log) for each in table["judged_from"]], table.index, "datetime64[us]")
    for name in ("placebos", "cases_before", "cases_after", "others_cases"):
        table[name] = table[name].astype(float).fillna(0).astype(int)
    names = list(table.columns)
    numbers = names[names.index("before") : names.index("p_together") + 1]
    exact = [*numbers, "rank", "now", "target", "others_before", "others_after", "horizon_days"]
    table[exact] = table[exact].astype(float)
    table["season"] = table["season"].fillna(False).astype(bool)
    missing = tuple(each.id for each in wanted if each.id not in set(table["outcome"][table["rule"] == ""]))
    return noted(named(table, log), Note("outcomes_left_out", kpis=missing) if missing else None)


def _verdicts(table: pd.DataFrame, level: float) -> list[str]:
    among = table["rank"].astype(float) / (table["placebos"].astype(float) + 1)
    high = (among <= PLACEBOS) | (table["rank"] == 1) | (table["placebos"] == 0)
    sure = (table["p_together"] <= 1 - level) & high
    early = table["p"].isna() | table["judged_from"].notna()
    way = np.where(table["percent"] > 0, "better", "worse")
    return list(np.select([sure, early], [way, "not_yet"], "may_be_chance"))


def _wall(moment: float | None, log: EventLog) -> Any:
    if moment is None or pd.isna(moment):
        return pd.NaT
    return log.clock.wall(pd.Timestamp(int(moment), unit="us"))
