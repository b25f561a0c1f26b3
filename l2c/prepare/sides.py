"""Does the log know both how deals are won and how they are lost?"""

from __future__ import annotations

from collections import Counter

import narwhals as nw

from l2c import engine
from l2c.log import EventLog
from l2c.prepare.closing import ENDS, counted
from l2c.words.notes import Note
from l2c.words.stages import LOST, WON, outcome_word, stage_label


def one_sided(log: EventLog) -> list[Note]:
    """Say where no deal, or only won or only lost ones, were recognised: every number about outcomes is then wrong or empty.

    Returns
    -------
    One note, or none where both are known, or where the log has neither stages nor flags that could tell.
    """
    attributes = set(log.attributes)
    if not {"stage", "is_won", "is_closed"} & attributes:
        return []
    stood = log.standing().get(False, {})
    n = {WON: stood.get("won", 0) + stood.get("paid", 0), LOST: stood.get("lost", 0)}
    unknown = _unknown(log) if "stage" in attributes else Counter[str]()
    if not any(n.values()):
        if not unknown or not any(stood.values()):
            return []
        return [Note("no_outcome", n=sum(stood.values()), stages=counted(dict(unknown.most_common())))]
    if all(n.values()):
        return []
    outcome, other = (WON, LOST) if n[WON] else (LOST, WON)
    names = {"outcome": ENDS[outcome], "other": ENDS[other], "n": n[outcome]}
    if unknown:
        line = f"YOUR_STAGE={ENDS[other]}"
        return [Note("one_side_stages", stages=counted(dict(unknown.most_common())), line=line, **names)]
    return [Note("one_side", **names)]


def _unknown(log: EventLog) -> Counter[str]:
    """The stages of open deals that could mean anything, and in how many deals they stand; none that a flag explains."""
    open_ = log.cases.filter((nw.col("status") == "open") & ~nw.col("stage").is_null())
    if "is_closed" in log.attributes:
        open_ = open_.filter(nw.col("is_closed").is_null())
    rows = engine.collect(open_.group_by("stage").agg(n=nw.len()))
    found = {str(stage): int(n) for stage, n in zip(rows["stage"], rows["n"], strict=True)}
    known = {stage for stage in found if outcome_word(stage) == "open" or stage_label(stage).why == "waiting"}
    return Counter({stage: n for stage, n in sorted(found.items()) if stage not in known})
