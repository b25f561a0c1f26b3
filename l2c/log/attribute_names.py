"""Which attribute is meant by a name: its own, the header in the source file, the field in Salesforce, its name in either language?"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any

from l2c.words import matching

if TYPE_CHECKING:
    from l2c.log.base import Base

# Where the account of how a source was understood says from which columns or fields each attribute was read; several with a dot between.
READ_FROM, SEVERAL = ("columns", "salesforce"), " · "


def meant(name: str, base: Base, known: Collection[str] | None = None) -> str:
    """The attribute of a log that a name means.

    Parameters
    ----------
    name
        As it stands in the log, as a header of the source file (`地域`, `Account Region`), as a field of Salesforce
        (`Region__c`, `Account.Region__c`) or as the vocabulary has it; case, spaces and width do not count.
    known
        The attributes it may be; those of the cases and of the events unless given.

    Returns
    -------
    The one attribute that it can be; the name itself where there is none, or more than one: then whoever asked says what
    there is.
    """
    own = [*base.attributes, *base.event_attributes] if known is None else list(known)
    if name in own:
        return name
    wanted = {matching.normalise(name), matching.normalise(name.removesuffix("__c"))}
    ways: list[set[str]] = [
        {attribute for attribute, header in _headers(base.quality.mapping) if wanted & set(_forms(header))},
        {attribute for attribute in own if wanted & set(_forms(attribute))},
        set(matching.match_attribute(name)),
    ]
    for way in ways:
        if found := way & set(own):
            return found.pop() if len(found) == 1 else name
    return name


def _forms(header: str) -> Iterator[str]:
    """As what a header may be asked for: whole, or by the end of its way, without the mark of a field of one's own."""
    parts = header.split(".")
    for place in range(len(parts)):
        end = ".".join(parts[place:])
        yield matching.normalise(end)
        yield matching.normalise(end.removesuffix("__c"))


def _headers(mapping: Any) -> Iterator[tuple[str, str]]:
    """Every attribute with what it was read from, of whichever file or object."""
    if isinstance(mapping, (list, tuple)):
        for each in mapping:
            yield from _headers(each)
    if not isinstance(mapping, dict):
        return
    for key, value in mapping.items():
        if key in READ_FROM and isinstance(value, dict):
            for attribute, headers in value.items():
                yield from ((str(attribute), header) for header in str(headers).split(SEVERAL))
        else:
            yield from _headers(value)
