"""Whose name may be read, and what stands in its place?"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from l2c import engine, vocabulary
from l2c.base import Base
from l2c.errors import BadOption, UnknownName
from l2c.log import EventLog
from l2c.origin import SMALLEST, handed_on
from l2c.prepare.portions import portion
from l2c.quality import Quality

if TYPE_CHECKING:
    import narwhals as nw
    import pandas as pd

    Frame = nw.LazyFrame[Any]

OTHERS = "others"
# A text of so many words more than a name may speak of somebody by one name only.
PROSE = 3
# Columns that lead back to records or join the frames; they are never rewritten.
KEYS = {
    "case_id", "case_key", "object_id", "record_id", "lead_id", "payment_id", "activity", "next_activity", "source",
    "precision", "object_type", "status",
}  # fmt: skip


def pseudonyms(log: EventLog) -> dict[str, str]:
    """Say what stands for the name of each person of a log, whatever filter is on.

    Returns
    -------
    By name, in the order of the pseudonyms: `Rep 07` for who owns deals, `Person 12` for anybody else. The numbers say
    nothing of the names and nothing of how somebody sells; without the log itself they cannot be led back.
    """
    base = log.base
    reps = set(_values(base, [column for column in _people(base) if column == "rep"]))
    return _numbered("Rep", reps, base.content) | _numbered(
        "Person", set(_values(base, _people(base))) - reps, base.content
    )


def key(log: EventLog) -> pd.DataFrame:
    """Lead the pseudonyms of a log back to the names, for whoever holds the log.

    Returns
    -------
    One row per person: `pseudonym, name`.

    Raises
    ------
    UnknownName
        If the log carries no names, since it was handed on without them.
    """
    import pandas as pd

    if set(log.origin.masked) & set(vocabulary.person_attributes()):
        raise UnknownName.person(log.origin.masked)
    rows = [(shown, name) for name, shown in pseudonyms(log).items()]
    return pd.DataFrame(rows, columns=["pseudonym", "name"])


def policy(log: EventLog, *, names: bool = False, smallest: int = SMALLEST) -> EventLog:
    """Return the same log, whose comparisons show names or not, and leave out what is smaller than a few people or cases."""
    return replace(log, base=log.base.but(origin=replace(log.origin, names=names, smallest=smallest)))


def shown(log: EventLog, names: bool | None) -> bool:
    """Whether a comparison shows names: as it is asked for, else as the log says."""
    return log.origin.names if names is None else names


def hidden(table: pd.DataFrame, log: EventLog, names: bool | None = None) -> pd.DataFrame:
    """The same table of findings (`attribute`, `value`), with pseudonyms for names unless they may be shown.

    Findings that compare fewer people than the log allows are left out.
    """
    import pandas as pd

    if not len(table):
        return table
    about = [[a for a in _list(attribute) if vocabulary.is_person(str(a))] for attribute in table["attribute"]]
    if not any(about):
        return table
    few = {name for name in {a for found in about for a in found} if too_few(log, name)}
    kept = [not few & set(found) for found in about]
    table = table[kept]
    if shown(log, names):
        return table
    known = pseudonyms(log)
    values = [_hidden(a, v, known) for a, v in zip(table["attribute"], table["value"], strict=True)]
    return table.assign(value=pd.Series(values, index=table.index, dtype=object))


def grouped(values: pd.Series, log: EventLog, attribute: str) -> pd.Series:
    """The values by which cases are compared; of people, those who are too few or have too few cases are `others`.

    Parameters
    ----------
    values
        One per case, or per object, of an attribute; those of another attribute than people's come back as they are.
    """
    if not vocabulary.is_person(attribute):
        return values
    sizes = values.value_counts()
    few = set(sizes.index[sizes < log.origin.smallest]) if len(sizes) >= log.origin.smallest else set(sizes.index)
    return values.where(~values.isin(few), OTHERS) if few else values


def too_few(log: EventLog, attribute: str = "rep") -> bool:
    """Whether a log has people, but too few to compare them without pointing at one."""
    return 0 < len(log.distinct(attribute)) < log.origin.smallest if attribute in log.attributes else False


def handed(
    log: EventLog, *, names: bool = False, mask: Sequence[str] = (), smallest: int = SMALLEST, hide: bool = True
) -> EventLog:
    """Make the log that may be given away: the cases that pass the filters and nothing else, without names of people.

    Parameters
    ----------
    names
        Leave the names of people, and let comparisons show them.
    mask
        Attributes whose values are replaced in any case, such as `("rep", "account", "actor")`.
    smallest
        The fewest people, and the fewest cases of a person, that are compared by value.
    hide
        Whether names of people go unless `names` is said; without it only what `mask` names does.

    Returns
    -------
    A log of its own. Its rows set aside are those of its own cases; no value, name, note or count of other cases is left
    in it. Pseudonyms are those of the whole log.

    Raises
    ------
    UnknownName, BadOption
        If there is no such attribute to mask, or it holds no texts.
    """
    base = portion(log).base
    people = [] if names or not hide else _people(log.base)
    wanted = dict.fromkeys([*people, *(_known(name, log) for name in mask)])
    words = {column: _words(log, column) for column in wanted}
    every = {name: text for found in words.values() for name, text in found.items()}
    cases, events = (_masked(frame, base.home, words, every) for frame in (base.cases, base.events))
    masked = tuple(dict.fromkeys([*log.origin.masked, *wanted]))
    selection = {word: _said(text, words.get(word, {})) for word, text in log.filters.items()}
    origin = replace(
        log.origin,
        id=log.base.id if log.origin.masked or not (hide or wanted) else handed_on(log.base.id),
        selection=selection,
        masked=masked,
        names=names,
        smallest=smallest,
    )
    quality = _spoken(base.quality, every, wanted)
    # Anew, so that nothing that was computed of the names is carried along.
    return EventLog(replace(base, cases=cases, events=events, quality=quality, origin=origin, _values={}))


def _people(base: Base) -> list[str]:
    """Columns of the cases and events that hold names of people."""
    there = [*base.attributes, *base.events.collect_schema().names()]
    there = [column for column in dict.fromkeys(there) if column not in {*KEYS, *base.origin.masked}]
    return [column for column in there if vocabulary.is_person(column) and _is_text(base, column)]


def _is_text(base: Base, column: str) -> bool:
    return any(_texty(frame.collect_schema().get(column)) for frame in (base.cases, base.events))


def _texty(kind: Any) -> bool:
    import narwhals as nw

    return kind == nw.String or isinstance(kind, nw.Enum | nw.Categorical)


def _values(base: Base, columns: Iterable[str]) -> list[str]:
    """Every known value of some columns, of the cases and of the events."""
    found: dict[str, None] = {}
    for frame in (base.cases, base.events):
        there = frame.collect_schema().names()
        for column in (c for c in columns if c in there):
            rows = engine.collect(frame.select(column).unique())[column].dropna()
            found |= dict.fromkeys(map(str, rows))
    return list(found)


def _numbered(label: str, values: Iterable[str], secret: str) -> dict[str, str]:
    """Numbers for values, in an order that only whoever holds the log can find again."""
    order = sorted(
        values, key=lambda value: hmac.digest(secret.encode(), value.encode("utf-8", "surrogatepass"), "sha256")
    )
    width = max(2, len(str(len(order))))
    return {value: f"{label} {number:0{width}d}" for number, value in enumerate(order, 1)}


def _known(name: str, log: EventLog) -> str:
    there = [*log.attributes, *log.events.collect_schema().names()]
    if name not in there or name in KEYS:
        raise UnknownName.attribute(name, log.attributes)
    if not _is_text(log.base, name):
        raise BadOption.mask(name)
    return name


def _words(log: EventLog, column: str) -> dict[str, str]:
    """What stands for each value of a column."""
    if column in log.origin.masked:
        return {}
    if vocabulary.is_person(column):
        known = pseudonyms(log)
        return {value: known[value] for value in _values(log.base, [column]) if value in known}
    return _numbered(vocabulary.label(column), _values(log.base, [column]), log.base.content)


def _masked(frame: Frame, home: Any, words: Mapping[str, Mapping[str, str]], every: Mapping[str, str]) -> Frame:
    """The frame with other texts for values: in the columns meant, and wherever else somebody is spoken of."""
    import narwhals as nw
    import polars as pl

    schema = frame.collect_schema()
    columns = schema.names()
    changed = {c: words[c] for c in columns if words.get(c)}
    for column in (c for c in columns if every and c not in words and c not in KEYS):
        if _texty(schema[column]):
            values = list(map(str, engine.collect(frame.select(column).unique())[column].dropna()))
            if found := _mentions(values, every):
                changed[column] = found
    for column, shown in changed.items():
        pairs = pl.DataFrame({"_value": list(shown), "_shown": list(shown.values())})
        held = engine.table(pairs, home)
        text = frame.with_columns(nw.col(column).cast(nw.String()).alias("_value")).join(held, on="_value", how="left")
        frame = text.with_columns(nw.coalesce("_shown", "_value").alias(column)).select(columns)
    return engine.table(frame, home) if changed else frame


def _mentions(values: Sequence[str], hidden: Mapping[str, str]) -> dict[str, str]:
    """Values that are or speak of somebody whose name is hidden, and how they read without it."""
    own = [value for value in values if value in hidden]
    # A column of colleagues under a name of the org's own; a single hit may be a town that somebody is called after.
    found = {value: hidden[value] for value in own} if 2 * len(own) > len(values) else {}
    full = {name: text for name, text in hidden.items() if len(name.split()) > 1 or not name.isascii()}
    prose = [value for value in values if value not in hidden]
    long = [value for value in prose if len(value.split()) > PROSE or not value.isascii()]
    for some, names in ((prose, full), (long, hidden)):
        texts = _spoken_of(some, names)
        found |= {v: t for v, t in zip(some, texts, strict=True) if t != v}
    return found


def _spoken_of(texts: Sequence[str], names: Mapping[str, str]) -> list[str]:
    """Texts without the names in them; `Li` is none of the letters of `Lines`, and a number is nobody's name."""
    import polars as pl

    told = [name for name in names if len(name) > (2 if name.isascii() else 1) and not name.isdecimal()]
    if not told or not texts:
        return list(texts)
    column = pl.Series(list(texts), dtype=pl.String)
    # Which texts may speak of whom is found at once; where a name begins and ends is looked at in those only.
    there = column.str.extract_many(told, overlapping=True, ascii_case_insensitive=True).to_list()
    return [_without(text, set(found), names) if found else text for text, found in zip(texts, there, strict=True)]


def _without(text: str, found: set[str], names: Mapping[str, str]) -> str:
    folded = {name.casefold(): shown for name, shown in names.items()}
    longest = sorted({name.casefold() for name in found}, key=lambda name: (-len(name), name))
    words = [rf"(?<!\w){re.escape(w)}(?!\w)" if w.isascii() else re.escape(w) for w in longest]
    return re.sub("|".join(words), lambda hit: folded[hit.group().casefold()], text, flags=re.IGNORECASE)


def _said(text: str, names: Mapping[str, str]) -> str:
    """A filter as words, without names."""
    return names.get(text) or ", ".join(names.get(part, part) for part in text.split(", "))


def _spoken(quality: Quality, names: Mapping[str, str], masked: Iterable[str]) -> Quality:
    """The quality report without names: in the cells of rows set aside, in notes and in findings."""
    if not names and not masked:
        return quality
    rows, found = quality.quarantine.copy(), quality.findings.copy()
    for column in rows:
        if str(column) in ("reason", "file", "row"):
            continue
        meant = {id for id in vocabulary.match_attribute(str(column)) if vocabulary.is_strong(str(column), id)}
        own = meant & set(masked) or (vocabulary.is_person(str(column)) and any(map(vocabulary.is_person, masked)))
        texts = ["" if value is None or value != value else str(value) for value in rows[column]]
        shown = [names.get(t, "(hidden)") if t.strip() else t for t in texts] if own else _spoken_of(texts, names)
        rows[column] = [s if t else v for s, t, v in zip(shown, texts, rows[column], strict=True)]
    if len(found):
        found["detail"] = _spoken_of([str(text) for text in found["detail"]], names)
    return replace(quality, quarantine=rows, findings=found, notes=tuple(_spoken_of(quality.notes, names)))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _hidden(attribute: Any, value: Any, known: Mapping[str, str]) -> Any:
    if isinstance(attribute, list):
        return [_hidden(a, v, known) for a, v in zip(attribute, value, strict=True)]
    return known.get(value, value) if vocabulary.is_person(str(attribute)) else value
