"""What is in this source, and what can it answer? Asked before any analysis."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import narwhals as nw
import pandas as pd

from l2c import engine
from l2c.analysis import records
from l2c.kpis import kpis
from l2c.log import EventLog
from l2c.measures.facts import Facts
from l2c.measures.stages import visits
from l2c.prepare import read, understood
from l2c.words import vocabulary
from l2c.words.errors import L2CError

if TYPE_CHECKING:
    from l2c.prepare.sources import Source

__all__ = ["Check", "check", "problems"]

YES, PARTLY, NO = "yes", "partly", "no"
# What a need may ask for besides activities and attributes, and where Salesforce keeps it.
BESIDE = {
    "stages": ("OpportunityHistory.StageName",),
    "numbers": ("Quote.Id", "Order.Id", "Invoice.Id"),
    "clock": ("OpportunityHistory.CreatedDate",),
}
# Findings of the reader that make numbers less exact; what is missing is said problem by problem.
COSTLY = (
    "dates without time", "moments shared", "out of process order", "hole in the history", "unreadable values",
    "probably the same name",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Check:
    """What a source holds, and what it can answer.

    Attributes
    ----------
    refused
        What must be settled before the source can be read, or None.
    sources
        One row per file, sheet or object: `file, rows_read, rows_used, rows_aside, events` (missing where they are not known).
    columns
        One row per column: `file, column, taken_for, why, values`; see `l2c.prepare.understood.of_tables`.
    problems
        One row for each of the eleven problems: `problem`; `answer` (`yes, partly, no`); `cases` behind it; `note` of its key
        figure, or None; `missing` (activities and attributes); `lost` (phrases on what the answer loses); `opens` (where
        Salesforce keeps what is missing, one `Object.Field / Object.Field` each). Empty where the source was refused.
    log
        What was read, or None.
    """

    refused: L2CError | None
    sources: pd.DataFrame
    columns: pd.DataFrame
    problems: pd.DataFrame
    log: EventLog | None = None

    @property
    def costs(self) -> pd.DataFrame:
        """What makes numbers less exact: the findings of the reader that do, `finding, detail, count, of`."""
        found = pd.DataFrame() if self.log is None else self.log.quality.findings
        return found[found["finding"].isin(COSTLY)].reset_index(drop=True) if len(found) else found

    def facts(self) -> dict[str, Any]:
        """Return it all in values that JSON knows, in English: `read, asked, sources, columns, problems, costs, notes`."""
        told = None if self.log is None else self.log.quality
        return {
            "read": None if told is None else told.summary(),
            "asked": None if self.refused is None else str(self.refused),
            **{name: records(getattr(self, name)) for name in ("sources", "columns", "problems", "costs")},
            "notes": [] if told is None else [str(note) for note in told.notes],
        }


def check(source: Source | EventLog, **options: Any) -> Check:
    """Look at a source before anything is made of it.

    Parameters
    ----------
    source, options
        As for `l2c.read`; a log will do too.

    Returns
    -------
    What was read from where, what each column was taken for and why, what is to be settled, and which of the eleven problems
    the source can speak to. A source that cannot be read is no error here: `refused` says what would settle it.
    """
    try:
        log = source if isinstance(source, EventLog) else read.read(source, **options)
    except L2CError as error:
        return _refused(source, error)
    columns = log.quality.columns
    return Check(None, _sources(log), columns if len(columns) else _of_log(log), problems(log), log)


def _refused(source: Any, error: L2CError) -> Check:
    """A source that raises a question: what lies in it, as far as that can be told."""
    try:
        tables = read.tables(source)
    except L2CError:
        tables = []
    sizes = {table.name: table.frame.height + table.rejected.height for table in tables}
    sources = pd.DataFrame({"file": list(sizes), "rows_read": list(sizes.values())})
    return Check(error, sources, understood.previews(tables), pd.DataFrame())


def _sources(log: EventLog) -> pd.DataFrame:
    """Rows and events by the file, sheet or object they come from."""
    found = log.quality.objects
    if len(found):
        there = found[found["rows"] > 0].reset_index(drop=True)
        counts = {"rows_read": there["rows"], "rows_used": there["used"], "events": there["events"]}
        table = pd.DataFrame({"file": there["object_type"], **counts})
    else:
        by = log.base.events.group_by("source").agg(rows_used=nw.col("source_row").n_unique(), events=nw.len())
        table = engine.collect(by).rename(columns={"source": "file"}).astype({"file": str})
        aside = log.quality.quarantine
        out = aside["file"].value_counts() if "file" in aside else pd.Series(dtype=int)
        names = [*table["file"], *[name for name in out.index if name not in set(table["file"])]]
        table = table.set_index("file").reindex(names).fillna(0).rename_axis("file").reset_index()
        table["rows_read"] = table["rows_used"] + table["file"].map(out).fillna(0)
    table["rows_aside"] = table["rows_read"] - table["rows_used"]
    numbers = ["rows_read", "rows_used", "rows_aside", "events"]
    return table[["file", *numbers]].astype(dict.fromkeys(numbers, "Int64")).sort_values("file", ignore_index=True)


def _of_log(log: EventLog) -> pd.DataFrame:
    """The columns of a log whose source is not at hand, under the headers they had there where the mapping tells them."""
    said = log.quality.mapping
    headers = {**said.get("columns", {}), **said.get("salesforce", {})}
    frames = {name: log.base.cases for name in log.attributes}
    frames |= {name: log.base.events for name in ("activity", "time", *log.base.event_attributes) if name not in frames}
    rows = []
    for name, frame in frames.items():
        some = engine.collect(frame.select(name).filter(~nw.col(name).is_null()).head(understood.LOOKED_AT))[name]
        values = tuple(map(str, some.drop_duplicates().head(understood.SOME)))
        rows.append((str(headers.get(name, name)), name, values))
    rows += [(str(header), str(name), ()) for name, header in said.get("dates", {}).items()]
    table = pd.DataFrame(rows, columns=["column", "taken_for", "values"])
    return table.assign(file="", why="saved")[["file", "column", "taken_for", "why", "values"]]


def problems(log: EventLog) -> pd.DataFrame:
    """Tell which of the eleven problems a log can speak to; see `Check.problems`.

    Notes
    -----
    What each problem needs stands in `words/problems.yaml`. Where a need without which there is no answer is not met, or the
    key figure cannot be measured of any case, the answer is no; where another one is not met, or the figure is refused, it
    is partly.
    """
    held, figures = _held(log), kpis(log).set_index("kpi")
    rows = []
    for problem in vocabulary.words("problems.yaml")["problems"]:
        unmet = [need for need in problem["needs"] if not _met(need, held)]
        # Where there is no answer, only what would give one is of interest.
        unmet = [need for need in unmet if "without" not in need] or unmet
        figure: Any = figures.loc[problem["kpi"]] if "kpi" in problem else None
        refused = figure is not None and math.isnan(figure["value"])
        cases = _cases(problem, held) if figure is None or (refused and unmet) else int(figure["cases"])
        answer = PARTLY if unmet or refused else YES
        if cases == 0 or any("without" not in need for need in unmet):
            answer, cases = NO, 0
        missing = [name for need in unmet for name in _lacking(need, held)]
        rows.append(
            {
                "problem": problem["id"],
                "answer": answer,
                "cases": cases,
                "note": figure["note"] if refused and figure is not None and not missing else None,
                "missing": tuple(dict.fromkeys(missing)),
                "lost": tuple(need["without"] for need in unmet if "without" in need),
                "opens": tuple(dict.fromkeys(" / ".join(places(name)) for name in missing if places(name))),
            }
        )
    return pd.DataFrame(rows)


def _met(need: Mapping[str, Any], held: Mapping[str, int]) -> bool:
    every = all if need.get("all") else any
    return every(held.get(name, 0) > 0 for name in need["any"])


def _lacking(need: Mapping[str, Any], held: Mapping[str, int]) -> list[str]:
    """What would meet a need: each missing thing of several that are all needed, the first of several that would do."""
    lacking = [name for name in need["any"] if not held.get(name)]
    return lacking if need.get("all") else lacking[:1]


def _cases(problem: Mapping[str, Any], held: Mapping[str, int]) -> int:
    return max(held.get(name, 0) for name in problem["needs"][0]["any"])


def _held(log: EventLog) -> dict[str, int]:
    """The number of cases of each activity, attribute, and what else a need may ask for."""
    by = log.events.group_by("activity").agg(cases=nw.col("case_key").n_unique())
    found: dict[str, int] = dict(engine.collect(by).itertuples(index=False))
    found |= _known(log.cases, log.attributes)
    events = [name for name in log.base.event_attributes if name not in found]
    found |= _known(log.events, events)
    found["numbers"] = found.get("object_id", 0)
    clocked = log.events.filter(nw.col("precision") != "day").select("case_key").unique()
    found["clock"] = len(engine.collect(clocked))
    stays = visits(Facts.of(log)).rows
    found["stages"] = int(stays.loc[stays["way"] != "still_there", "case"].nunique())
    return found


def _known(frame: Any, names: Collection[str]) -> dict[str, int]:
    """In how many rows, or of how many cases, a column is known."""
    if not names:
        return {}
    # In batches, since the time to plan a question grows with the square of its columns.
    found: dict[str, int] = {}
    every = list(names)
    for at in range(0, len(every), 100):
        counts = [(~nw.col(name).is_null()).cast(nw.Int64()).sum().alias(name) for name in every[at : at + 100]]
        found |= {str(name): int(n or 0) for name, n in engine.collect(frame.select(*counts)).iloc[0].items()}
    return found


@cache
def places(name: str) -> tuple[str, ...]:
    """Where Salesforce keeps an activity or attribute: `Object.Field` each, the usual one first."""
    if name in BESIDE:
        return BESIDE[name]
    kept = {activity.en: activity.salesforce for activity in vocabulary.activities()}
    kept |= {attribute.id: attribute.salesforce for attribute in vocabulary.attributes()}
    return tuple(f"{at.object}.{at.field}" for at in kept.get(name, ()))
