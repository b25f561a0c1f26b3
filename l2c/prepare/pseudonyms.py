"""Whose name may be read, and what stands in its place?"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from l2c import engine
from l2c.log import EventLog, splits
from l2c.log.as_of import WHOLE
from l2c.log.base import Base
from l2c.log.origin import SMALLEST, handed_on
from l2c.log.outcomes import NOW
from l2c.log.quality import Quality
from l2c.log.splits import SPLIT
from l2c.prepare.masking import KEYS, holds_texts, masked, spoken, spoken_of
from l2c.prepare.portions import portion
from l2c.words import matching, vocabulary
from l2c.words.errors import BadOption, UnknownName

if TYPE_CHECKING:
    import pandas as pd

OTHERS = "others"
# Columns of who owns deals, then and today; who masks the one masks the other.
OWNERS = ("rep", NOW, SPLIT)
# Filter words that name people, and the column that holds them.
COLUMN_OF = {"did": "actor"}


def pseudonyms(log: EventLog) -> dict[str, str]:
    """Say what stands for the name of each person of a log, whatever filter is on.

    Returns
    -------
    By name, in the order of the pseudonyms: `Rep 07` for who owns deals, `Person 12` for anybody else. The numbers say
    nothing of the names and nothing of how somebody sells; without the log itself they cannot be led back.
    """
    # A log as of a day speaks of the same people as the log that it was made from.
    whole = log.base.whole or log.base
    base: Base = whole.memo(WHOLE, lambda: whole)
    reps = set(_values(base, [column for column in _people(base) if column in OWNERS]))
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

    if set(log.origin.masked) & set(matching.person_attributes()):
        raise UnknownName.person(log.origin.masked)
    rows = [(shown, name) for name, shown in pseudonyms(log).items()]
    return pd.DataFrame(rows, columns=["pseudonym", "name"])


def policy(log: EventLog, *, names: bool = False, smallest: int = SMALLEST) -> EventLog:
    """Return the same log, whose comparisons show names or not, and leave out what is smaller than a few people or cases."""
    return replace(log, base=log.base.but(origin=replace(log.origin, names=names, smallest=smallest)))


def shown(log: EventLog, names: bool | None) -> bool:
    """Whether a comparison shows names: as it is asked for, else as the log says."""
    return log.origin.names if names is None else names


def instead(log: EventLog, names: bool | None = None) -> dict[str, str]:
    """What a comparison shows in place of the names of people: nothing else where they may be shown."""
    return {} if shown(log, names) else pseudonyms(log)


def hidden(table: pd.DataFrame, log: EventLog, names: bool | None = None) -> pd.DataFrame:
    """The same table of findings (`attribute`, `value`, `against`), with pseudonyms for names unless they may be shown.

    Findings that compare fewer people than the log allows are left out.
    """
    import pandas as pd

    if not len(table):
        return table
    about = [[a for a in _list(attribute) if matching.is_person(str(a))] for attribute in table["attribute"]]
    if not any(about):
        return table
    few = {name for name in {a for found in about for a in found} if too_few(log, name)}
    kept = [not few & set(found) for found in about]
    table = table[kept]
    if shown(log, names):
        return table
    known = pseudonyms(log)
    values = [_hidden(a, v, known) for a, v in zip(table["attribute"], table["value"], strict=True)]
    table = table.assign(value=pd.Series(values, index=table.index, dtype=object))
    if "against" not in table:
        return table
    others = [
        tuple(_hidden(a, each, known) for each in several or ())
        for a, several in zip(table["attribute"], table["against"], strict=True)
    ]
    return table.assign(against=pd.Series(others, index=table.index, dtype=object))


def grouped(values: pd.Series, log: EventLog, attribute: str) -> pd.Series:
    """The values by which cases are compared; of people, those who are too few or have too few cases are `others`.

    Parameters
    ----------
    values
        One per case, or per object, of an attribute; those of another attribute than people's come back as they are.
    """
    if not matching.is_person(attribute):
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
    base, words = portion(log).base.plain, _hides(log, names, mask, hide)
    wanted, every = list(words), _every(words)
    frames: dict[str, Any] = {name: masked(each, base.home, words, every) for name, each in _frames(base).items()}
    selection = {word: _said(text, words.get(COLUMN_OF.get(word, word), {})) for word, text in log.filters.items()}
    origin = replace(
        log.origin,
        id=log.base.id if log.origin.masked or not (hide or wanted) else handed_on(log.base.id),
        selection=selection,
        masked=tuple(dict.fromkeys([*log.origin.masked, *wanted])),
        names=names,
        smallest=smallest,
    )
    quality = _without_performers(spoken(base.quality, every, wanted), words.get("actor"))
    # Anew, so that nothing that was computed of the names is carried along.
    own = tuple(unnamed(list(base.own_kpis), log, names=names, mask=mask, hide=hide))
    calendar = None if base.calendar is None else base.calendar.renamed(words.get(base.calendar.by, {}))
    frames |= {"calendar": calendar, "quality": quality, "origin": origin, "own_kpis": own}
    made = replace(base, _memory={}, **frames)
    return EventLog(made.in_hours(log.hours))


def _without_performers(quality: Quality, names: Mapping[str, str] | None) -> Quality:
    """The report, whose mapping names no performer that is hidden; their kinds stand with the events."""
    known = quality.mapping.get("actors")
    if names is None or not known:
        return quality
    actors = {names[name]: kind for name, kind in known.items() if name in names}
    return replace(quality, mapping={**quality.mapping, "actors": actors})


def unnamed(said: Any, log: EventLog, *, names: bool = False, mask: Sequence[str] = (), hide: bool = True) -> Any:
    """What a file says (lists and mappings of texts), without the names that `handed` hides with the same words.

    Activities stay as they are, whoever is called like one.
    """
    every = _every(_hides(log, names, mask, hide))

    def told(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {key: told(part) for key, part in value.items()}
        if isinstance(value, list):
            return [told(part) for part in value]
        if not isinstance(value, str) or value in log.base.activities:
            return value
        return every.get(value) or spoken_of([value], every)[0]

    return told(said)


def spoken_ids(ids: Sequence[str], log: EventLog, *, names: bool = False, mask: Sequence[str] = ()) -> list[str]:
    """Ids of cases without the names in them that `handed` hides with the same words: some call a deal by who sells it."""
    return spoken_of(ids, _every(_hides(log, names, mask, True)))


def _hides(log: EventLog, names: bool, mask: Sequence[str], hide: bool) -> dict[str, dict[str, str]]:
    """What stands for each value of the columns that hold names, or are masked."""
    people = [] if names or not hide else _people(log.base)
    wanted = [_known(name, log) for name in mask]
    wanted += [NOW] if "rep" in wanted and NOW in log.attributes else []
    return {column: _words(log, column) for column in dict.fromkeys([*people, *wanted])}


def _every(words: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    return {name: text for found in words.values() for name, text in found.items()}


def _people(base: Base) -> list[str]:
    """Columns of the cases and events that hold names of people."""
    there = [*base.attributes, *base.events.collect_schema().names()]
    there = [column for column in dict.fromkeys(there) if column not in {*KEYS, *base.origin.masked}]
    return [column for column in there if matching.is_person(column) and _is_text(base, column)]


def _is_text(base: Base, column: str) -> bool:
    return any(holds_texts(frame.collect_schema().get(column)) for frame in _frames(base).values())


def _frames(base: Base) -> dict[str, Any]:
    """The frames that may hold names: cases, events, what a history tells of the cases, and the lines of documents."""
    frames = {name: getattr(base, name) for name in ("cases", "events", "history", "lines")}
    return {name: frame for name, frame in frames.items() if frame is not None}


def _values(base: Base, columns: Iterable[str]) -> list[str]:
    """Every known value of some columns, of the cases, of the events and of the history."""
    found: dict[str, None] = {}
    for frame in _frames(base).values():
        there = frame.collect_schema().names()
        for column in (c for c in columns if c in there):
            rows = list(map(str, engine.collect(frame.select(column).unique())[column].dropna()))
            found |= dict.fromkeys(splits.people(rows) if column == SPLIT else rows)
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
    if matching.is_person(column):
        known = pseudonyms(log)
        if column == SPLIT:
            return {text: splits.renamed(text, known) for text in map(str, log.base.values(SPLIT))}
        return {value: known[value] for value in _values(log.base, [column]) if value in known}
    return _numbered(vocabulary.label(column), _values(log.base, [column]), log.base.content)


def _said(text: str, names: Mapping[str, str]) -> str:
    """A filter as words, without names: of one value, of several, of several filters, or of an activity and who did it."""
    if not names or text in names:
        return names.get(text, text)
    longest = sorted(names, key=lambda name: (-len(name), name))
    # What stands between names is what `EventLog.filters` puts there, and `>` where a filter was written as text.
    begins, ends = r"(?:(?<=^)|(?<=, )|(?<=; )|(?<= … )|(?<=>)|(?<=> ))", r"(?=\s*(?:$|,|;|…))"
    return re.sub(f"{begins}(?:{'|'.join(map(re.escape, longest))}){ends}", lambda hit: names[hit[0]], text)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _hidden(attribute: Any, value: Any, known: Mapping[str, str]) -> Any:
    if isinstance(attribute, list) and value is not None:
        return type(value)(_hidden(a, v, known) for a, v in zip(attribute, value, strict=True))
    return known.get(value, value) if matching.is_person(str(attribute)) else value
