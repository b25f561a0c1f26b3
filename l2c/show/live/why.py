"""Which cases wait longer at a step of the map than comparable ones?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from l2c import diagnose
from l2c.log import EventLog
from l2c.show import numbers
from l2c.show.map.details import named
from l2c.show.subjects import group
from l2c.words import phrases

# More groups are told by the page of causes.
MOST_WAITING_GROUPS = 4


def why(log: EventLog, step: Sequence[str], lang: str) -> list[dict[str, Any]]:
    """Say what goes with longer waits, as `diagnose.causes` finds it.

    Parameters
    ----------
    step
        Two activities, or the one before which the cases wait.

    Returns
    -------
    Parts with `head` and `lines`, as `details.details` gives them.
    """
    found = diagnose.causes(log, "step_days")
    of = found["step"].map(lambda pair: pair is not None and tuple(pair)[-len(step) :] == tuple(step))
    lines = []
    for row in found[of.astype(bool) & found["adverse"].astype(bool)].head(MOST_WAITING_GROUPS).to_dict("records"):
        who = group(row["attribute"], row["value"], lang)
        where = "" if len(step) == 2 else phrases.say("map.why.from", lang, name=named(row["step"][0], lang))
        interval = numbers.interval(row["low"], row["high"], "day", lang=lang)
        effect, cases = numbers.days(row["effect"], lang), numbers.count(row["cases"], "case", lang)
        lines.append(
            phrases.say("map.why.line", lang, who=who, where=where, effect=effect, interval=interval, cases=cases)
        )
    if not lines:
        return [{"head": "", "lines": [phrases.say("map.why.none", lang)]}]
    return [{"head": phrases.say("map.why", lang), "lines": lines}]
