"""What must be known of a number or of a source: a value, whose words are made here in both languages."""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

from l2c.words import vocabulary
from l2c.words.phrases import language

Value: TypeAlias = "str | int | float | Note | tuple[Value, ...]"


@dataclass(frozen=True, init=False, repr=False)
class Note:
    """A remark: what it says, and the numbers and names in it.

    Parameters
    ----------
    id
        Its entry in `notes.yaml`.
    values
        What fills the blanks of its texts: numbers, texts, other notes, or several of a kind.

    Raises
    ------
    TypeError
        If there is no such note, or it has other blanks.

    Examples
    --------
    >>> note = Note("end_unrecorded", n=1, of=20)
    >>> str(note)
    'end not recorded: 1 of 20'
    >>> note.said("ja")
    '終了の記録なし(20件中1件)'
    """

    id: str
    values: tuple[tuple[str, Value], ...]

    def __init__(self, id: str, /, **values: object) -> None:
        if blanks(id) != values.keys():
            raise TypeError(f"The note {id!r} has the blanks {sorted(blanks(id))}, not {sorted(values)}.")
        object.__setattr__(self, "id", id)
        object.__setattr__(self, "values", tuple((name, _plain(values[name])) for name in sorted(values)))

    def __str__(self) -> str:
        """In English, with the names that the tables of the kit have."""
        return _Writer("en", named=False).vformat(texts()[self.id]["en"], (), dict(self.values))

    def __repr__(self) -> str:
        return f"Note({str(self)!r})"

    def said(self, lang: str = "en") -> str:
        """In a language, with the names that its readers know."""
        said = texts()[self.id]
        text = said["ja"] if lang == "ja" else said.get("page", said["en"])
        return _Writer(lang, named=True).vformat(text, (), dict(self.values))

    def facts(self) -> dict[str, Any]:
        """What it is made of, in values that JSON knows: `id, values`; see `made`."""
        return {"id": self.id, "values": {name: _facts(value) for name, value in self.values}}


def is_top(remark: Note | str) -> bool:
    """Whether a remark stands above every number: one marked `top` in `notes.yaml`, or that holds such a one."""
    if not isinstance(remark, Note):
        return False
    inner = (v for _, value in remark.values for v in (value if isinstance(value, tuple) else (value,)))
    return bool(texts()[remark.id].get("top")) or any(isinstance(v, Note) and is_top(v) for v in inner)


def note(remark: Note | str, lang: str = "en") -> str:
    """A remark of the reader or of a measure in the reader's language; plain text stays as it is."""
    return remark.said(language(lang)) if isinstance(remark, Note) else remark


def several(notes: Iterable[Note | None]) -> Note | None:
    """Put the notes of one row together; None where there is none."""
    found = tuple(note for note in notes if note is not None)
    return Note("several", notes=found) if len(found) > 1 else next(iter(found), None)


def made(facts: Mapping[str, Any] | None, text: str) -> Any:
    """Make the note again that `facts` tells of; its text where none was kept, or another version knew it."""
    try:
        return text if facts is None else _made(facts)
    except TypeError:
        return text


def parts(note: Value) -> Iterator[str]:
    """Every text and number in a note, as text."""
    if isinstance(note, Note | tuple):
        for each in (value for _, value in note.values) if isinstance(note, Note) else note:
            yield from parts(each)
    else:
        yield str(note)


def ids(note: Value) -> Iterator[str]:
    """Every id of a note and of the notes in it."""
    if isinstance(note, Note):
        yield note.id
    if isinstance(note, Note | tuple):
        for each in (value for _, value in note.values) if isinstance(note, Note) else note:
            yield from ids(each)


def changed(note: Value, other: Mapping[str, str]) -> Any:
    """Return the note with other texts in it."""
    if isinstance(note, Note):
        return Note(note.id, **{name: changed(value, other) for name, value in note.values})
    if isinstance(note, tuple):
        return tuple(changed(each, other) for each in note)
    return other.get(note, note) if isinstance(note, str) else note


def texts() -> dict[str, dict[str, str]]:
    """Return how every note reads: `en`, `ja` and, where it differs from what stands in tables, `page`, by id; `top` where it stands above all."""
    return vocabulary.words("notes.yaml")


@cache
def blanks(id: str) -> frozenset[str]:
    """Return the names of the blanks of a note.

    Raises
    ------
    TypeError
        If there is no such note.
    """
    if id not in texts():
        raise TypeError(f"No note is called {id!r}.")
    return frozenset(name for _, name, _, _ in string.Formatter().parse(texts()[id]["en"]) if name)


class _Writer(string.Formatter):
    """Fills blanks: `:name` is a word of the vocabulary; of several values, what stands there joins them."""

    def __init__(self, lang: str, *, named: bool) -> None:
        self._lang, self._named = lang, named

    def format_field(self, value: Any, spec: str) -> str:
        if isinstance(value, tuple):
            own = "" if spec == "name" else spec
            joint = own or ("、" if self._lang == "ja" else ", ")
            return joint.join(self.format_field(each, spec.removeprefix(own)) for each in value)
        if isinstance(value, Note):
            return value.said(self._lang) if self._named else str(value)
        if spec == "name":
            return vocabulary.label(value, self._lang) if self._named else str(value)
        return format(value, spec)


def _plain(value: Any) -> Value:
    """Without the types of numpy, which JSON does not know, and without lists, which have no hash."""
    if isinstance(value, list | tuple):
        return tuple(map(_plain, value))
    found: Value = value.item() if hasattr(value, "item") else value
    return found


def _facts(value: Value) -> Any:
    if isinstance(value, tuple):
        return [_facts(each) for each in value]
    return value.facts() if isinstance(value, Note) else value


def _made(facts: Any) -> Any:
    if isinstance(facts, list):
        return [_made(each) for each in facts]
    return Note(facts["id"], **{n: _made(v) for n, v in facts["values"].items()}) if isinstance(facts, dict) else facts
