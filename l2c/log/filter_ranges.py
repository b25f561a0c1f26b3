"""The words that narrow a log by how long, how often, and by whom.

What other tools mean: the duration of a case is that of Disco's performance filter, Celonis' throughput time and pm4py's
`filter_case_performance`: from its first to its last event. From one activity to another is Celonis' throughput time search from
the first occurrence to the first one after it; pm4py's `filter_paths_performance` and Disco's follower filter look at directly
following events only, as `slower` does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import narwhals as nw

from l2c import engine
from l2c.log.columns import MICROSECONDS_A_DAY
from l2c.log.filter_values import limits, named, ranged, several, within
from l2c.log.filter_words import having, known, meant, parted
from l2c.words.errors import BadFilter, UnknownName

if TYPE_CHECKING:
    import pandas as pd

    from l2c.log.base import Base
    from l2c.log.filter_words import Cases, Narrow

ACTOR, KIND = "actor", "actor_kind"
# What tells the documents of a case apart.
OBJECTS = ("object_id", "lead_id")


def worded(word: str, value: Any) -> str | None:
    """A filter by one of these words as text, `Quote Sent … Contract Signed … 30..`; None for any other."""
    if word not in WORDS:
        return None
    if isinstance(value, str):
        return value.strip()
    if texts := _alternatives(word, value):
        return ", ".join(texts)
    if word in ("duration", "events"):
        return ranged(value)
    names, last = _split(value)
    said = ", ".join("(missing)" if v is None else str(v) for v in several(last)) if word == "did" else ranged(last)
    return " … ".join([*map(str, names), said])


def _duration(word: str, value: Any, base: Base) -> Narrow:
    low, high = limits(word, value)
    return lambda cases, _: cases.filter(within(nw.col("duration_days"), low, high))


def _events(word: str, value: Any, base: Base) -> Narrow:
    low, high = limits(word, value)
    return lambda cases, _: cases.filter(within(nw.col("events"), low, high))


def _took(word: str, value: Any, base: Base) -> Narrow:
    names, last = _split(value)
    if isinstance(value, str) and names:
        names = parted(names[0], base)
    if len(names) != 2:
        raise BadFilter.took(value)
    first, second = known(names, base)
    low, high = limits(word, last)

    def apply(cases: Cases, base: Base) -> Cases:
        found = days_between(base, first, second)
        days = found["days"]
        passing = found[(days >= (-1 if low is None else low)) & (days <= (float("inf") if high is None else high))]
        return having(cases, engine.table(passing[["case_key"]].drop_duplicates(), base.home))

    return apply


def days_between(base: Base, first: str, second: str) -> pd.DataFrame:
    """How long it took from the first time of an activity to the first time of another one after it.

    Returns
    -------
    One row per document that has both, or per case where the two are not about the same documents: `case_key, days`.
    """
    return base.memo(("days between", first, second), lambda: _days_between(base, first, second))


def _days_between(base: Base, first: str, second: str) -> pd.DataFrame:
    import pandas as pd

    ids = [name for name in OBJECTS if name in base.event_attributes]
    own = nw.coalesce(*(nw.col(name).cast(nw.String()) for name in ids)) if ids else nw.lit(None).cast(nw.String())
    asked = base.events.filter(nw.col("activity").is_in([first, second]))
    rows = engine.collect(asked.select("case_key", "position", "activity", "time", object=own))
    start, end = rows[rows["activity"] == first], rows[rows["activity"] == second]
    shared = start[["case_key", "object"]].dropna().merge(end[["case_key", "object"]].dropna())["case_key"].unique()
    # As everywhere in the kit: where no end of a case bears the number of a start, the case is one document.
    alone = [side[~side["case_key"].isin(shared)].assign(object="") for side in (start, end)]
    told = [side[side["case_key"].isin(shared)].dropna(subset=["object"]) for side in (start, end)]
    return pd.concat([_first_after(*told), _first_after(*alone)], ignore_index=True)


def _first_after(start: pd.DataFrame, end: pd.DataFrame) -> pd.DataFrame:
    by = ["case_key", "object"]
    begun = start.sort_values("position").drop_duplicates(by)[[*by, "position", "time"]]
    both = end[[*by, "position", "time"]].merge(begun, on=by, suffixes=("", "_start"))
    both = both[both["position"] > both["position_start"]].sort_values("position").drop_duplicates(by)
    micros = (both["time"] - both["time_start"]).to_numpy("timedelta64[us]").astype("int64")
    return both[["case_key"]].assign(days=micros / MICROSECONDS_A_DAY)


def _times(word: str, value: Any, base: Base) -> Narrow:
    names, last = _split(value)
    if len(names) != 1:
        raise BadFilter.times(value)
    (activity,) = known(names, base)
    low, high = limits(word, last)

    def apply(cases: Cases, base: Base) -> Cases:
        counted = base.events.filter(nw.col("activity") == activity).group_by("case_key").agg(_times=nw.len())
        both = cases.join(counted, on="case_key", how="left").with_columns(nw.col("_times").fill_null(0))
        return both.filter(within(nw.col("_times"), low, high)).drop("_times")

    return apply


def _did(word: str, value: Any, base: Base) -> Narrow:
    if ACTOR not in base.event_attributes:
        raise UnknownName.attribute(ACTOR, [*base.attributes, *base.event_attributes])
    people, kinds = base.values(ACTOR), base.values(KIND) if KIND in base.event_attributes else []
    activity, who = _deed(value, base, {*people, *kinds})
    test = nw.lit(False)
    for each in who:
        if each is None:
            test = test | nw.col(ACTOR).is_null()
        elif (name := named(str(each), people)) in people:
            test = test | (nw.col(ACTOR) == name)
        elif (kind := str(each).strip()) in kinds:
            test = test | (nw.col(KIND) == kind)
        else:
            raise UnknownName.value(ACTOR, str(each).strip(), [*map(str, people), *map(str, kinds)])
    done = (nw.col("activity") == activity) & test
    return lambda cases, base: having(cases, base.events.filter(done))


def _deed(value: Any, base: Base, performers: set[Any]) -> tuple[str, list[Any]]:
    """The activity, and who did it."""
    parts = value.split(">") if isinstance(value, str) else several(value)
    if isinstance(value, str):
        # The sign may stand in names too: an activity of the log and somebody in it are meant, else an activity at least.
        cuts = [(">".join(parts[:at]), ">".join(parts[at:])) for at in range(1, len(parts))]
        told = [cut for cut in cuts if meant(cut[0], base) in base.activities]
        met = [cut for cut in told if not cut[1].strip() or named(cut[1], list(performers)) in performers]
        parts = list(next(iter([*met, *told, *cuts]), ()))
        parts = [parts[0], None] if len(parts) == 2 and not parts[1].strip() else parts
    if len(parts) != 2:
        raise BadFilter.did(value)
    (activity,) = known(parts[:1], base)
    return activity, several(parts[1])


def _split(value: Any) -> tuple[list[Any], Any]:
    """The names of a filter, and the range (or the people) behind them."""
    if isinstance(value, str):
        names, sign, last = value.rpartition(">")
        return ([names] if sign else []), last
    parts = several(value)
    if len(parts) > 1 and (isinstance(parts[-1], (tuple, list)) or _is_range(parts[-1]) or len(parts) == 2):
        return parts[:-1], parts[-1]
    return parts[:-2], tuple(parts[-2:])


def _is_range(value: Any) -> bool:
    return isinstance(value, str) and ".." in value


def _alternatives(word: str, value: Any) -> list[str]:
    """The texts of a word that was said several times on the command line; none where it was not."""
    texts = value if isinstance(value, list) and len(value) > 1 else []
    whole = (lambda text: ">" in text) if word == "did" else _is_range
    alone = word in ("duration", "events")
    return texts if all(isinstance(t, str) and whole(t) and (alone or ">" in t) for t in texts) else []


def _either(make: Callable[[str, Any, Base], Narrow]) -> Callable[[str, Any, Base], Narrow]:
    """A word that may be said several times, and then means either of them."""

    def made(word: str, value: Any, base: Base) -> Narrow:
        texts = _alternatives(word, value)
        if not texts:
            return make(word, value, base)
        narrows = [make(word, text, base) for text in texts]

        def apply(cases: Cases, base: Base) -> Cases:
            return having(cases, nw.concat([each(cases, base).select("case_key") for each in narrows]).unique())

        return apply

    return made


WORDS: dict[str, Callable[[str, Any, Base], Narrow]] = {
    "duration": _either(_duration),
    "events": _either(_events),
    "took": _either(_took),
    "times": _either(_times),
    "did": _either(_did),
}
