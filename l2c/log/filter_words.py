"""The words that narrow a log: periods, activities, steps, variants and outcomes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import narwhals as nw

from l2c.log.filter_values import between, number, period, several, span, whole
from l2c.log.leads import CREATED as LEAD
from l2c.log.leads import OPPORTUNITY
from l2c.log.outcomes import OUTCOMES
from l2c.words import matching
from l2c.words.errors import BadFilter, UnknownName

if TYPE_CHECKING:
    from l2c.log.base import Base

    Cases = nw.LazyFrame[Any]
    Narrow = Callable[[Cases, Base], Cases]


def _first(word: str, value: Any, base: Base) -> Narrow:
    start, end = period(word, value)
    return lambda cases, _: cases.filter(between(nw.col("started"), start, end, base))


def _last(word: str, value: Any, base: Base) -> Narrow:
    start, end = period(word, value)
    return lambda cases, _: cases.filter(between(nw.col("ended"), start, end, base))


def _any(word: str, value: Any, base: Base) -> Narrow:
    start, end = period(word, value)
    inside = between(nw.col("time"), start, end, base)
    return lambda cases, base: having(cases, base.events.filter(inside))


def _closed(word: str, value: Any, base: Base) -> Narrow:
    start, end = period(word, value)
    closed = nw.col("status").is_in(["won", "paid", "lost"]) & between(nw.col("decided"), start, end, base)
    return lambda cases, base: having(cases, base.decided.filter(closed))


def _created(word: str, value: Any, base: Base) -> Narrow:
    """Objects created in a period: the opportunities, or whatever an activity beside the period creates."""
    name, when = _creation(word, value, base)
    start, end = period(word, when)
    inside = (nw.col("activity") == name) & between(nw.col("time"), start, end, base)
    # Each of several leads is created; of anything else the first counts, as everywhere.
    return lambda cases, base: having(cases, (base.events if name == LEAD else base.milestones).filter(inside))


def _creation(word: str, value: Any, base: Base) -> tuple[str, Any]:
    """The activity that creates, and the period: `2025-04`, `Lead Created > 2025-04`, `("Lead Created", "2025-04")`."""
    if isinstance(value, str) and ">" in value:
        head, _, text = value.rpartition(">")
        value = [head, span(text.strip())]
    parts = several(value)
    if len(parts) > 1 and isinstance(parts[0], str) and meant(parts[0], base) in base.activities:
        when: Any = parts[1] if len(parts) == 2 else tuple(parts[1:])
        # A pair within a pair as JSON holds it.
        when = tuple(next(iter(when.values()))) if isinstance(when, Mapping) else when
        return meant(parts[0], base), tuple(when) if isinstance(when, list) else when
    if len(parts) > 1 and isinstance(value, list):
        raise BadFilter.created(value)
    known = [name for name in (OPPORTUNITY, LEAD) if name in base.activities]
    if not known:
        raise UnknownName.activity(OPPORTUNITY, base.activities)
    return known[0], value


def having(cases: Cases, rows: Cases) -> Cases:
    """The cases that have one of some rows."""
    return cases.join(rows.select("case_key"), on="case_key", how="semi")


def _lacking(cases: Cases, rows: Cases) -> Cases:
    return cases.join(rows.select("case_key"), on="case_key", how="anti")


def known(names: list[Any], base: Base) -> list[str]:
    """The activities meant, which may be named in either language of the vocabulary."""
    found = [meant(name, base) for name in names]
    for name, own in zip(names, found, strict=True):
        if own not in base.activities:
            raise UnknownName.activity(str(name), base.activities)
    return found


def meant(name: Any, base: Base) -> str:
    """The activity of the log that a name means; the name itself where there is none."""
    bare = str(name).strip()
    own = [a for a in base.activities if a == str(name)] or [a for a in base.activities if a.strip() == bare]
    return own[0] if own else matching.match_activity(bare) or bare


def parted(text: str, base: Base) -> list[str]:
    """A text of two activities with `>` between them; the sign may stand in their names too."""
    parts = text.split(">")
    pairs = [[">".join(parts[:at]), ">".join(parts[at:])] for at in range(1, len(parts))]
    return next((pair for pair in pairs if all(meant(name, base) in base.activities for name in pair)), parts)


def _includes(word: str, value: Any, base: Base) -> Narrow:
    names = known(several(value), base)

    def apply(cases: Cases, base: Base) -> Cases:
        for name in names:
            cases = having(cases, base.events.filter(nw.col("activity") == name))
        return cases

    return apply


def _excludes(word: str, value: Any, base: Base) -> Narrow:
    names = known(several(value), base)
    met = nw.col("activity").is_in(names)
    return lambda cases, base: _lacking(cases, base.events.filter(met))


def _pair(word: str, value: Any, base: Base) -> tuple[str, str]:
    pair = parted(value, base) if isinstance(value, str) else several(value)
    if len(pair) != 2:
        raise BadFilter.pair(word, value)
    first, second = known(pair, base)
    return first, second


def _follows(word: str, value: Any, base: Base) -> Narrow:
    first, second = _pair(word, value, base)
    step = (nw.col("activity") == first) & (nw.col("next_activity") == second)
    return lambda cases, base: having(cases, base.events.filter(step))


def _not_follows(word: str, value: Any, base: Base) -> Narrow:
    first, second = _pair(word, value, base)
    step = (nw.col("activity") == first) & (nw.col("next_activity") == second)
    return lambda cases, base: _lacking(cases, base.events.filter(step))


def _slower(word: str, value: Any, base: Base) -> Narrow:
    *names, days = value.rsplit(">", 1) if isinstance(value, str) else several(value) or [None]
    if isinstance(value, str) and names and meant(names[0], base) not in base.activities:
        names = parted(names[0], base)
    if len(names) not in (1, 2):
        raise BadFilter.slower(value)
    most = number(word, days)
    steps = known(names, base)
    long = (nw.col("next_activity") == steps[-1]) & (nw.col("wait_days") > most)
    if len(steps) == 2:
        long = long & (nw.col("activity") == steps[0])
    return lambda cases, base: having(cases, base.events.filter(long))


def _starts(word: str, value: Any, base: Base) -> Narrow:
    names = known(several(value), base)
    first = nw.col("activity").is_in(names) & (nw.col("position") == 0)
    return lambda cases, base: having(cases, base.events.filter(first))


def _ends(word: str, value: Any, base: Base) -> Narrow:
    names = known(several(value), base)
    last = nw.col("activity").is_in(names) & nw.col("next_activity").is_null()
    return lambda cases, base: having(cases, base.events.filter(last))


def _eventually(word: str, value: Any, base: Base) -> Narrow:
    first, second = _pair(word, value, base)

    def apply(cases: Cases, base: Base) -> Cases:
        at = nw.col("position")
        early = base.events.filter(nw.col("activity") == first).group_by("case_key").agg(at.min().alias("early"))
        late = base.events.filter(nw.col("activity") == second).group_by("case_key").agg(at.max().alias("late"))
        both = early.join(late, on="case_key", how="inner")
        return having(cases, both.filter(nw.col("early") < nw.col("late")))

    return apply


def _variant(word: str, value: Any, base: Base) -> Narrow:
    wanted = [whole(word, v) for v in several(value)]
    for each in wanted:
        if each not in base.traces.index:
            raise UnknownName.value(word, each, [str(known) for known in base.traces.index])
    return lambda cases, _: cases.filter(nw.col("variant_id").is_in(wanted))


def _top(word: str, value: Any, base: Base) -> Narrow:
    most = whole(word, value)
    # Ids are ranks by frequency in the whole log, so that a filter does not change what "top ten" means.
    return lambda cases, _: cases.filter(nw.col("variant_id") <= most)


def _outcome(word: str, value: Any, base: Base) -> Narrow:
    statuses: list[str] = []
    for each in (str(each).strip() for each in several(value)):
        if each not in OUTCOMES:
            raise UnknownName.metric(each, OUTCOMES)
        statuses += OUTCOMES[each]
    return lambda cases, _: cases.filter(nw.col("status").is_in(statuses))


WORDS: dict[str, Callable[[str, Any, Base], Narrow]] = {
    "opened": _first,
    "closed": _closed,
    "created": _created,
    "ended": _last,
    "active": _any,
    "includes": _includes,
    "excludes": _excludes,
    "follows": _follows,
    "not_follows": _not_follows,
    "starts": _starts,
    "ends": _ends,
    "slower": _slower,
    "eventually": _eventually,
    "variant": _variant,
    "top_variants": _top,
    "outcome": _outcome,
}
