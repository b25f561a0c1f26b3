"""How long was each deal in which stage, and where did it go from there?"""

from __future__ import annotations

from dataclasses import dataclass

import narwhals as nw
import numpy as np
import pandas as pd

from l2c import engine
from l2c.measures.facts import DAY, Facts, as_times
from l2c.measures.lives import closings, ended, outcomes, while_open
from l2c.words import matching
from l2c.words.notes import Note

PREFIX, BACK = "Stage: ", "Stage Moved Back"
ORDER = "stage_order"
ON, PAST, BACKWARD, WON, LOST, STILL = "went_on", "went_past", "went_back", "won", "lost", "still_there"
WAYS = (ON, PAST, BACKWARD, WON, LOST, STILL)


@dataclass(frozen=True, eq=False)
class Visits:
    """Every stay of a deal in a stage.

    Attributes
    ----------
    rows
        One row per stay, in order: `case` (row of the facts), `stage`, `start`, `end` (microseconds; the extraction where it
        is there still), `way`: one of `WAYS`, how it ended.
    order
        The stages in the order of the process.
    note
        What to know besides, or None.
    """

    rows: pd.DataFrame
    order: tuple[str, ...]
    note: Note | None = None


def visits(facts: Facts) -> Visits:
    """Find every stay in a stage.

    Notes
    -----
    From the stage after each event or the history of stages; in a log without either, from the events called `Stage: …`.
    Values that repeat are one stay. The order of the stages is that of the org's setup where the log knows it, else
    learnt: a stage that more deals enter before another than after it comes first.
    """
    return facts.memo("visits", lambda: _visits(facts))


def _visits(facts: Facts) -> Visits:
    rows, note = while_open(facts, "stage"), None
    if rows is None:
        rows, note = _from_names(facts)
    marks = closings(facts)
    marks = pd.DataFrame({"case": marks["case"], "time": marks["time"], "value": np.where(marks["won"], WON, LOST)})
    over, became = ended(facts), outcomes(facts)
    # A deal that only its stage or its flag says is closed has no event of it.
    quiet = np.setdiff1d(np.flatnonzero(over < facts.until + 1), marks["case"].to_numpy())
    silent = pd.DataFrame({"case": quiet, "time": over[quiet], "value": became[quiet]})
    marks = pd.concat([marks, silent], ignore_index=True).assign(mark=True)
    stays = rows[~rows["closing"].to_numpy(bool)].assign(mark=False)
    closed = stays["value"].map({v: matching.stage_outcome(str(v)) is not None for v in stays["value"].unique()})
    stays = stays[~closed.astype(bool).to_numpy()] if len(stays) else stays
    every = pd.concat([stays[["case", "time", "value", "mark"]], marks[["case", "time", "value", "mark"]]])
    # Of one moment the stage comes before the close.
    every = every.sort_values(["case", "time", "mark"], kind="stable", ignore_index=True)
    same = every["case"].eq(every["case"].shift()) & every["value"].eq(every["value"].shift())
    every = every[~(same & ~every["mark"].astype(bool))].reset_index(drop=True)
    following = every.shift(-1)
    goes_on = following["case"].eq(every["case"]).to_numpy()
    end = np.where(goes_on, following["time"].fillna(0).to_numpy(np.float64), facts.until).astype(np.int64)
    every["end"] = end
    every["next"] = following["value"].where(goes_on, None)
    every["next_mark"] = following["mark"].where(goes_on, False).astype(bool)
    found = every[~every["mark"].astype(bool) & every["value"].notna()].rename(
        columns={"value": "stage", "time": "start"}
    )
    order = _order(facts, found)
    place = {stage: number for number, stage in enumerate(order)}
    here, there = found["stage"].map(place), found["next"].where(~found["next_mark"]).map(place)
    way = np.select(
        [found["next_mark"], there.isna() & found["next"].notna(), there.isna(), there < here, there > here + 1],
        [found["next"].astype(object), ON, STILL, BACKWARD, PAST],
        ON,
    )
    found = found.assign(way=way)[["case", "stage", "start", "end", "way"]].reset_index(drop=True)
    return Visits(found, order, note)


def _order(facts: Facts, found: pd.DataFrame) -> tuple[str, ...]:
    """The stages in order: as the setup of the org has them, else as most deals enter them."""
    there = list(dict.fromkeys(map(str, found["stage"])))
    said = [str(stage) for stage in facts.log.quality.mapping.get(ORDER, ())]
    if set(there) <= set(said):
        return tuple(stage for stage in said if stage in there)

    def learnt() -> list[str]:
        # Of the whole log, so that a filter does not turn a step ahead into one back.
        whole = found if not facts.log.conditions else visits(facts.whole()).rows
        first = whole.groupby(["case", "stage"], sort=False)["start"].min().reset_index()
        first = first.sort_values(["case", "start"], kind="stable")
        names = sorted(set(first["stage"]))
        code, case = first["stage"].map({n: i for i, n in enumerate(names)}).to_numpy(), first["case"].to_numpy()
        before = np.zeros((len(names), len(names)))
        for far in range(1, min(len(names), len(first))):
            both = case[far:] == case[:-far]
            np.add.at(before, (code[:-far][both], code[far:][both]), 1)
        ahead = (before > before.T).sum(axis=1) - (before < before.T).sum(axis=1)
        usual = [float(np.mean(np.flatnonzero(code == n))) if (code == n).any() else 0.0 for n in range(len(names))]
        return [names[i] for i in sorted(range(len(names)), key=lambda i: (-ahead[i], usual[i], names[i]))]

    order: list[str] = facts.log.base.memo(("stage order", facts.until), learnt)
    return tuple(stage for stage in order if stage in there)


def _from_names(facts: Facts) -> tuple[pd.DataFrame, Note | None]:
    """Stages by the names of events; after a step back the stage is not known."""
    names = [a for a in facts.log.activities if a.startswith(PREFIX)]
    rows = facts.log.base.events.filter(nw.col("activity").is_in([*names, *([BACK] if names else [])]))
    found = engine.collect(rows.select("case_key", "position", "time", "activity"))
    found = found.sort_values(["case_key", "position"], ignore_index=True)
    place, time = facts.place[found["case_key"].to_numpy(np.int64)], as_times(found["time"].to_numpy())
    here = (place >= 0) & (time <= facts.until)
    said = found["activity"].astype(str).where(lambda name: name != BACK).str.removeprefix(PREFIX)
    told = pd.DataFrame({"case": place[here], "time": time[here], "value": said[here].to_numpy(object)})
    told["closing"] = told["time"].to_numpy() >= ended(facts)[told["case"].to_numpy()]
    note = Note("no_stages") if not names else Note("stages_by_name") if BACK in facts.log.activities else None
    return told, note


def total_days(found: pd.DataFrame) -> pd.DataFrame:
    """Days of each deal in each stage, all stays together: `case, stage, entries, days, open`."""
    stays = found.assign(days=(found["end"] - found["start"]) / DAY, open=found["way"] == STILL)
    by = stays.groupby(["case", "stage"], sort=False)
    return by.agg(entries=("days", "size"), days=("days", "sum"), open=("open", "any")).reset_index()
