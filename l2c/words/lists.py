"""What is a table a list of, by its headers and its name: invoices, payments, leads, support cases?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import PurePath
from typing import Any

from l2c.words import vocabulary

_DROPPED = ("C", "P", "Z", "Sc", "Sm", "Mn")


@dataclass(frozen=True)
class Kind:
    """A kind of list; see lists.yaml. All names are keys of `forms`; `dates` are those of each activity, in order."""

    id: str
    ids: tuple[str, ...]
    marks: tuple[str, ...]
    files: tuple[str, ...]
    prefixes: tuple[str, ...]
    dates: dict[str, tuple[str, ...]]
    needs: dict[str, tuple[str, ...]]
    types: tuple[str, ...]
    marked: bool


@cache
def kinds() -> tuple[Kind, ...]:
    """Return the kinds of lists, those later in the process behind those before."""
    return tuple(_kind(name, said) for name, said in vocabulary.words("lists.yaml")["kinds"].items())


def _kind(name: str, said: dict[str, Any]) -> Kind:
    return Kind(
        id=name,
        ids=_keys(said["ids"]),
        marks=_keys(said["marks"]),
        files=_keys(said["files"]),
        prefixes=tuple(str(each) for each in said["prefixes"]),
        dates={activity: _keys(headers) for activity, headers in said.get("dates", {}).items()},
        needs={activity: tuple(states) for activity, states in said.get("needs", {}).items()},
        types=_keys((*said["files"], *said.get("types", ()))),
        marked=bool(said.get("marked")),
    )


@cache
def general() -> tuple[str, ...]:
    """Return general names of the number of whatever is listed."""
    return _keys(vocabulary.words("lists.yaml")["general"])


@cache
def role(name: str) -> tuple[str, ...]:
    """Return what the columns of a role (`deal`, `status`, `total` …) are called."""
    return _keys(vocabulary.words("lists.yaml")["columns"][name])


def first(headers: Iterable[str], keys: Iterable[str]) -> str | None:
    """Return the header that bears the first of some names; None where none does."""
    known: dict[str, str] = {}
    for header in headers:
        for form in forms(header):
            known.setdefault(form, header)
    return next((known[key] for key in keys if key in known), None)


@cache
def forms(header: str) -> tuple[str, ...]:
    """Return what a header may be looked up as: whole, without brackets, behind a colon (`Quote: Quote Number`)."""
    text = unicodedata.normalize("NFKC", header)[:500]
    bare = re.sub(r"\([^()]*\)|\[[^\[\]]*\]", "", text)
    parts = (text, bare, bare.rsplit(":", 1)[-1], bare.removesuffix("__c"))
    return tuple(dict.fromkeys(key for part in parts if (key := _key(part))))


def speaks_of(text: str) -> frozenset[str]:
    """Return the kinds of records that a type names: `{invoice}` for "Sales Invoice", none for "Credit Memo"."""
    key = _key(text)
    return frozenset(kind.id for kind in kinds() if key in kind.types)


def of_file(name: str) -> frozenset[str]:
    """Return the kinds that the name of a file speaks of: `hubspot_tickets (2).csv`."""
    stem = PurePath(name.split(" › ")[-1]).name
    while (shorter := PurePath(stem).stem) != stem and PurePath(stem).suffix.lower() in _SUFFIXES:
        stem = shorter
    words = re.split(r"[\W_\d]+", unicodedata.normalize("NFKC", stem))
    runs = {_key("".join(words[i:j])) for i in range(len(words)) for j in range(i + 1, min(i + 4, len(words) + 1))}
    # Words that are written without spaces: 請求一覧.
    glued = _key(stem)
    return frozenset(
        kind.id
        for kind in kinds()
        if runs & set(kind.files) or any(not each.isascii() and len(each) > 1 and each in glued for each in kind.files)
    )


_SUFFIXES = {".csv", ".tsv", ".txt", ".xlsx", ".xls", ".xlsm", ".ods", ".parquet", ".gz", ".zip", ".json", ".jsonl"}


@cache
def _key(text: str) -> str:
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return "".join(c for c in folded if not unicodedata.category(c).startswith(_DROPPED))


def _keys(names: Iterable[object]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_made(names)))


def _made(names: Iterable[object]) -> Iterator[str]:
    return (key for name in names if (key := _key(str(name))))
