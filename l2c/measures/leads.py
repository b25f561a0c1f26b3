"""When was each lead first answered by a person, converted, and an opportunity?"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c import engine
from l2c.log import actors
from l2c.log.columns import STARTED
from l2c.measures.facts import NEVER, Flags, Times, as_times
from l2c.measures.objects import LEAD, Objects
from l2c.words import vocabulary
from l2c.words.actors import keeps_record

if TYPE_CHECKING:
    import narwhals as nw

    from l2c.log.base import Base

CONVERTED, OPPORTUNITY, GIVEN_UP = "Lead Converted", "Opportunity Created", "Lead Disqualified"


class Leads(NamedTuple):
    """The leads of a whole log, one row each; NEVER where something has not happened.

    Attributes
    ----------
    case_key, start
        The case of each lead, and when it was created.
    touched
        When a person first turned to it.
    gone
        When it, or its deal, ended without a person (closed or given up by an automation).
    converted, opportunity
        When it was converted, and when the opportunity of its case was created.
    """

    case_key: NDArray[np.int64]
    start: Times
    touched: Times
    gone: Times
    converted: Times
    opportunity: Times

    def response(self) -> Objects:
        """Each lead and its first touch."""
        return Objects(self.case_key, self.start, self.touched, self.gone)


def leads(base: Base) -> Leads:
    """Find what became of each lead, computed once for a whole log.

    Notes
    -----
    A lead is what `lead_id` names, else `object_id`; without either the case is one lead. A touch is an event after the
    creation that a person did, or nobody knows who, and that does not only keep a record (`words.actors.keeps_record`). Of
    several leads of a case, an event that names one of them is about that one; one that names none is about each of
    them, unless the case has touches that name a lead.
    """
    return base.memo("leads", lambda: _leads(base))


def _leads(base: Base) -> Leads:
    started = _begun(base)
    touches = [name for name in base.activities if not keeps_record(name)]
    machine = actors.of_machines(base)
    answered = _first_after(base, started, touches, None if machine is None else ~machine)
    ends = [GIVEN_UP, *vocabulary.closings()]
    ended = _first_after(base, started, ends, machine) if machine is not None else np.full(len(started), NEVER)
    converted = _first_after(base, started, [CONVERTED], None)
    keys = started["case_key"].to_numpy(np.int64)
    opened = base.reached([OPPORTUNITY]).get(OPPORTUNITY, pd.Series([], dtype="datetime64[us]"))
    opportunity = as_times(opened.reindex(keys).to_numpy())
    return Leads(keys, as_times(started["time"].to_numpy()), answered, ended, converted, opportunity)


def _begun(base: Base) -> pd.DataFrame:
    """The first event of each lead: `case_key, lead, time`."""
    import narwhals as nw

    rows = base.events.filter(nw.col("activity") == LEAD).select("case_key", "position", "time", *_ids(base))
    found = engine.collect(rows).sort_values(["case_key", "position"], ignore_index=True)
    found["lead"] = _named(found, base)
    return found.drop_duplicates(["case_key", "lead"], ignore_index=True)[["case_key", "lead", "time"]]


def _first_after(base: Base, started: pd.DataFrame, names: list[str], some: nw.Expr | None) -> Times:
    """When the first of some events came, or began, after each lead was created."""
    import narwhals as nw

    if not len(started) or not set(names) & set(base.activities):
        return np.full(len(started), NEVER)
    begun = base.events.filter(nw.col("activity") == LEAD).group_by("case_key").agg(_from=nw.col("time").min())
    rows = base.events.filter(nw.col("activity").is_in(names))
    rows = (rows if some is None else rows.filter(some)).join(begun, on="case_key", how="inner")
    # Of one day, nothing tells whether what bears no clock came before.
    same_day = (nw.col("precision") == "day") & (nw.col("time") >= nw.col("_from").dt.truncate("1d"))
    rows = rows.filter((nw.col("time") >= nw.col("_from")) | same_day)
    began = nw.coalesce(STARTED, "time") if STARTED in base.events.collect_schema().names() else nw.col("time")
    # A call during which the lead was created answers it at once.
    rows = rows.with_columns(began=nw.when(began < nw.col("_from")).then(nw.col("_from")).otherwise(began))
    several = started["case_key"].duplicated(keep=False).to_numpy()
    if not several.any():
        first = engine.collect(rows.group_by("case_key").agg(nw.col("began").min())).set_index("case_key")["began"]
        return as_times(first.reindex(started["case_key"]).to_numpy())
    found = engine.collect(rows.select("case_key", "activity", "time", "began", "precision", *_ids(base)))
    found["lead"] = _named(found, base)
    return _of_each(started.assign(row=range(len(started))), found, several)


def _of_each(started: pd.DataFrame, found: pd.DataFrame, several: Flags) -> Times:
    """The first event of each lead among those that are about it."""
    both = started.merge(found, on="case_key", suffixes=("", "_event"))
    same_day = (both["precision"] == "day") & (both["time_event"] >= both["time"].dt.floor("D"))
    both = both[(both["time_event"] >= both["time"]) | same_day]
    own = both["lead_event"] == both["lead"]
    speaks = both["case_key"].isin(both.loc[own & (both["lead"] != ""), "case_key"])
    alone = pd.Series(~several[both["row"].to_numpy()], both.index)
    common = (both["lead_event"] == "") & (alone | ~speaks)
    # A lead that is alone in its case has whatever happens there.
    about = both[own | common | alone]
    first = np.maximum(about["began"], about["time"]).groupby(about["row"]).min()
    return as_times(first.reindex(range(len(started))).to_numpy())


def _ids(base: Base) -> list[str]:
    return [name for name in ("lead_id", "object_id") if name in base.events.collect_schema().names()]


def _named(rows: pd.DataFrame, base: Base) -> pd.Series:
    """The lead that each event names, or an empty text: a document of another phase is no lead."""
    known = pd.Series(None, rows.index, object)
    if "lead_id" in rows:
        known = rows["lead_id"].astype(object)
    if "object_id" in rows:
        of_lead = pd.Series(True, rows.index)
        if "activity" in rows:
            of_lead = rows["activity"].astype(str).map(lambda name: vocabulary.phase_of(name) == "lead")
        known = known.where(known.notna(), rows["object_id"].astype(object).where(of_lead))
    return known.where(known.notna(), "").astype(str)
