"""What does a mapping file say, and in which line?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from l2c.prepare.closing import meant
from l2c.words import vocabulary
from l2c.words.errors import BadMapping

LARGEST_MAPPING = 2_000_000
Given: TypeAlias = Mapping[str, Any] | str | Path
"""What a user says a source means: the content of a mapping, short text, or a YAML file."""


@dataclass(frozen=True)
class Document:
    """A mapping as it was given.

    Attributes
    ----------
    content
        Sections by name.
    texts
        The same with every value as it stands in the file: `yes`, `1.10` and `2025-01-01` are texts there.
    name
        What to call it.
    lines
        The line of each key and entry, by the way that leads to it.
    """

    content: dict[Any, Any]
    texts: dict[Any, Any]
    name: str
    lines: Mapping[tuple[Any, ...], int] = field(default_factory=dict)

    def place(self, *way: Any) -> str:
        """The file and the line of a key or an entry, for messages."""
        known = (self.lines.get(way[:n]) for n in range(len(way), 0, -1))
        line = next((line for line in known if line), None)
        return f"{self.name}, line {line}" if line else self.name

    @property
    def is_objects(self) -> bool:
        """Whether it says how objects become events, rather than what columns mean."""
        own = {"objects", "lookups", "attributes", "lines", "quotes", "stages", "rates"}
        return bool(own & set(self.content)) or isinstance(self.content.get("activities"), list)


def opened(said: Given | Document | None) -> Document | None:
    """Read what the user says a source means.

    Parameters
    ----------
    said
        A YAML file, its content, or short text such as `"case_id=Deal No, time=When"`; a document stays as it is.

    Raises
    ------
    BadMapping
        If there is no such file, or it cannot be read; the message names the line.
    """
    if said is None or isinstance(said, Document):
        return said
    if isinstance(said, Mapping):
        return Document(dict(said), dict(said), "that was given")
    if not isinstance(said, (str, Path)):
        raise BadMapping.no_mapping(type(said).__name__)
    path = _there(said)
    if path is None:
        if isinstance(said, Path) or "=" not in said:
            raise BadMapping.missing(str(said))
        return _short(said)
    return _file(path, str(said))


def _there(said: str | Path) -> Path | None:
    try:
        return Path(said) if Path(said).exists() else None
    except (OSError, ValueError):
        return None


# A pair of a name and what it stands for; what holds a comma or a sign = stands in quotes.
_NAME = r"""(?:'([^']*)'|"([^"]*)"|([^,{}'"][^,{}]*?|))"""
_PAIR = re.compile(rf"""\s*{_NAME.format("=", "=")}\s*=\s*{_NAME.format("", "")}\s*(?:,|$)""")


def _short(text: str) -> Document:
    """Columns by attribute; and what stages and activities of the source mean: `Dead / Omitted=Closed Lost`."""
    # The sign before decimals may be the comma that parts the pairs.
    decimal = re.search(r"(?:^|,)\s*decimal\s*=\s*([.,]|comma|point)\s*(?:,|$)", text)
    if decimal:
        text = ",".join(part for part in (text[: decimal.start()], text[decimal.end() :]) if part.strip())
        rest = _short(text).content if text else {}
        return Document(said := rest | {"decimal": decimal[1]}, said, "that was given")
    pairs, at = [], 0
    while at < len(text):
        if not (found := _PAIR.match(text, at)):
            raise BadMapping.short(text)
        pairs.append((found[1] or found[2] or found[3], found[4] or found[5] or found[6]))
        at = found.end()
    if not all(name and value for name, value in pairs) or len({name for name, _ in pairs}) < len(pairs):
        raise BadMapping.short(text)
    known = {attribute.id for attribute in vocabulary.attributes()}
    ends = {name: value for name, value in pairs if name not in known and meant(value)}
    columns = {name: value for name, value in pairs if name not in ends}
    content = {part: said for part, said in (("columns", columns), ("activities", ends)) if said}
    return Document(content, content, "that was given")


def _file(path: Path, name: str) -> Document:
    import yaml

    if not path.is_file():
        raise BadMapping.no_file(name)
    try:
        data = path.read_bytes() if path.stat().st_size <= LARGEST_MAPPING else None
    except OSError as error:
        raise BadMapping.unreadable(name, error.strerror or "it may not be opened") from None
    if data is None:
        raise BadMapping.unreadable(name, "it is larger than any mapping")
    try:
        loader = yaml.SafeLoader(data)
        node = loader.get_single_node()
        lines: dict[tuple[Any, ...], int] = {}
        if node is not None:
            _lines(node, (), lines, name)
        content = loader.construct_document(node) if node is not None else None
        texts: dict[Any, Any] = yaml.load(data, Loader=yaml.BaseLoader) if node is not None else {}
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{name}, line {mark.line + 1}" if mark else name
        raise BadMapping.unreadable(where, error.problem or error.context or "it is broken") from None
    except (yaml.YAMLError, UnicodeError, ValueError, TypeError, RecursionError) as error:
        raise BadMapping.unreadable(name, "it is no text" if isinstance(error, yaml.YAMLError) else error) from None
    if not isinstance(content, dict) or not content:
        raise BadMapping.no_sections(name)
    return Document(content, texts, name, lines)


def _lines(node: Any, way: tuple[Any, ...], lines: dict[tuple[Any, ...], int], name: str, depth: int = 0) -> None:
    """The line of everything that a document holds."""
    import yaml

    if depth > 20:
        raise BadMapping.unreadable(f"{name}, line {node.start_mark.line + 1}", "it is nested too deeply")
    lines[way] = node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        for number, each in enumerate(node.value):
            _lines(each, (*way, number), lines, name, depth + 1)
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise BadMapping.unreadable(f"{name}, line {key.start_mark.line + 1}", "a name is a list or a record")
            if key.value in seen:
                raise BadMapping.unreadable(f"{name}, line {key.start_mark.line + 1}", f"{key.value} is said twice")
            seen.add(key.value)
            _lines(value, (*way, key.value), lines, name, depth + 1)
            lines[(*way, key.value)] = key.start_mark.line + 1


def checked(document: Document, schema: Any, said: Any, way: tuple[Any, ...] = ()) -> None:
    """Refuse what is not of the form it should have.

    Parameters
    ----------
    schema
        `text`, `flag`, `texts` (one or a list), `flag or texts`, `test` (a condition), `record`; a dictionary of schemas by key
        (`*` for any); a list of one schema.
    said
        What is looked at, at the end of `way`.

    Raises
    ------
    BadMapping
        Naming the line.
    """
    if isinstance(schema, dict):
        if not isinstance(said, Mapping):
            raise BadMapping.form(document.place(*way), _last(way), said, "names with values")
        if unknown := [str(key) for key in said if "*" not in schema and key not in schema]:
            raise BadMapping.unknown(document.place(*way, unknown[0]), unknown, [key for key in schema if key != "*"])
        for key, value in said.items():
            inner = schema.get(key, schema.get("*"))
            optional = isinstance(inner, (dict, list)) and (not way or way == ("objects",))
            if value is None and optional:
                continue
            checked(document, inner, value, (*way, str(key)))
    elif isinstance(schema, list):
        if not isinstance(said, list):
            raise BadMapping.form(document.place(*way), _last(way), said, "a list")
        for number, each in enumerate(said):
            checked(document, schema[0], each, (*way, number))
    elif not _FITS[schema](said):
        raise BadMapping.form(document.place(*way), _last(way), said, _WORDS[schema])


def _last(way: tuple[Any, ...]) -> str:
    return next((str(step) for step in reversed(way) if not isinstance(step, int)), "the mapping")


def _is_text(said: Any) -> bool:
    return isinstance(said, str) and bool(said.strip())


def _is_texts(said: Any) -> bool:
    return _is_text(said) or (isinstance(said, list) and bool(said) and all(map(_is_text, said)))


def _is_value(said: Any) -> bool:
    # A list in a list is one that was written once, under an anchor, and stands in several.
    if isinstance(said, list):
        return bool(said) and all(map(_is_value, said))
    return isinstance(said, (bool, int, float)) or _is_text(said)


def _is_test(said: Any) -> bool:
    if isinstance(said, Mapping):
        inner = next(iter(said.values()), None)
        return set(said) in ({"not"}, {"but"}) and _is_test(inner) and not isinstance(inner, Mapping)
    return _is_value(said)


_FITS = {
    "text": _is_text,
    "texts": _is_texts,
    "flag": lambda said: isinstance(said, bool),
    "flag or texts": lambda said: isinstance(said, bool) or _is_texts(said),
    "test": _is_test,
    "number": lambda said: isinstance(said, (int, float, str)),
}
_WORDS = {
    "text": "a text",
    "texts": "a text or a list of texts",
    "flag": "true or false",
    "flag or texts": "true, false, a text or a list of texts",
    "test": "a value, a list of values, filled, empty, {not: [...]} or {but: [...]}",
    "number": "a number",
}
