"""Who of the performers is a person, who an automation or an AI agent, and how do we know?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals as nw

from l2c import engine
from l2c.log import EventLog
from l2c.log.actors import ACTOR, kinds
from l2c.prepare import pseudonyms
from l2c.words.actors import AUTOMATION, PERSON, kind_of

if TYPE_CHECKING:
    import pandas as pd

# Nobody answers within so many seconds of another event nearly every time; over fewer events it may be chance.
SECONDS, NEARLY_ALWAYS, FEWEST = 10, 0.9, 5
COLUMNS = ("actor", "actor_kind", "told_by", "events", "quick_share", "suggested")


def actors(log: EventLog, *, names: bool | None = None) -> pd.DataFrame:
    """List the performers of a log with their kind, to be looked over and corrected.

    Parameters
    ----------
    names
        Whether to show the names of people; else as the log says. Names of machines always stand.

    Returns
    -------
    One row per performer of the whole log, machines first, then by events: `actor`; `actor_kind` (`person`, `automation`,
    `agent`); `told_by`: `mapping` (you said so), `source` (the type or profile of the user, or a column), `name`, or None (nothing
    says otherwise); `events`; `quick_share` of them within ten seconds of the event before in their case (NaN where times
    are too coarse to tell); `suggested`: `automation` for a person whose events nearly all are that quick, else None.

    Notes
    -----
    What is wrong is put right by a mapping: `l2c.read(source, mapping={"actors": {"Lead Router": "automation"}})`, or a file
    with a section `actors`. Speed alone decides nothing.
    """
    import pandas as pd

    found, said = kinds(log.base), log.quality.mapping.get("actors") or {}
    if not found:
        return pd.DataFrame(columns=list(COLUMNS))
    quick, known = _quick(log), pseudonyms.pseudonyms(log)
    shown = pseudonyms.shown(log, names)
    rows: list[tuple[Any, ...]] = []
    for (name, kind), n in found.items():
        share = quick.get(name, float("nan"))
        told = "mapping" if name in said else "name" if kind == kind_of(name) else "source"
        rows.append(
            (
                name if shown or kind != PERSON else known.get(name, name),
                kind,
                None if told == "name" and kind == PERSON else told,
                n,
                share,
                AUTOMATION if kind == PERSON and n >= FEWEST and share >= NEARLY_ALWAYS else None,
            )
        )
    table = pd.DataFrame(rows, columns=list(COLUMNS)).astype({"quick_share": float})
    table["suggested"] = pd.Series([row[-1] for row in rows], dtype=object)
    order = table.assign(_last=table["actor_kind"] == PERSON)
    order = order.sort_values(["_last", "events", "actor"], ascending=[True, False, True], ignore_index=True)
    return order[list(COLUMNS)]


def _quick(log: EventLog) -> dict[str, float]:
    """The share of each performer's events that come within seconds of the event before."""
    events = log.base.events
    before = events.select("case_key", (nw.col("position") + 1).alias("position"), nw.col("wait_days").alias("_waited"))
    fine = events.filter((nw.col("precision") == "second") & ~nw.col(ACTOR).is_null()).select(
        "case_key", "position", ACTOR
    )
    rows = fine.join(before, on=["case_key", "position"], how="left")
    soon = ((nw.col("_waited") * 86_400) <= SECONDS).fill_null(False)
    counted = rows.with_columns(_soon=soon.cast(nw.Float64())).group_by(ACTOR).agg(share=nw.col("_soon").mean())
    found = engine.collect(counted)
    return dict(zip(found[ACTOR].astype(str), found["share"].astype(float), strict=True))
