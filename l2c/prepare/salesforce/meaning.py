"""What the mapping says of objects and fields, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

ANY = "*"


@dataclass(frozen=True)
class Way:
    """A step from a record to another: by a lookup of its own, or (`back`) by one that points at it."""

    field: str
    object: str
    back: bool = False
    one: bool = False


@dataclass(frozen=True)
class Kind:
    """An object: how its records reach their deal, and what its rows are (see mapping.yaml)."""

    name: str
    also: tuple[str, ...] = ()
    reach: tuple[Way, ...] = ()
    part_of: tuple[Way, ...] = ()
    snapshot: bool = False
    changes: bool = False
    optional: bool = False
    pays: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Rule:
    """When a record of an object is an activity, when it happened and who did it (see mapping.yaml)."""

    activity: str
    object: str
    time: tuple[str, ...]
    when: Mapping[str, Any] = field(default_factory=dict)
    actor: tuple[str, ...] = ()
    approximate: frozenset[str] = frozenset()
    instead_of: str | None = None
    unless: tuple[str, ...] = ()
    first: bool = False
    after: str | None = None
    about: tuple[Way, ...] = ()
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Mapping_:
    """A whole mapping, checked; one is like no other, so what follows from it can be kept."""

    kinds: Mapping[str, Kind]
    lookups: Mapping[str, str]
    rules: tuple[Rule, ...]
    attributes: Mapping[str, tuple[Mapping[str, str], ...]]
    lines: Mapping[str, Any]
    quotes: tuple[Mapping[str, Any], ...]
    stages: Mapping[str, Any]
    rates: Mapping[str, Any]
    actors: Mapping[str, str] = field(default_factory=dict)
    line_items: tuple[Mapping[str, Any], ...] = ()
    totals: tuple[Mapping[str, Any], ...] = ()
    contracts: tuple[Mapping[str, Any], ...] = ()
    ends: Mapping[str, str] = field(default_factory=dict)  # what the user says of stages

    def target(self, name: str) -> str:
        """The object that a lookup field points at."""
        return _target(name, self.lookups)


def _target(name: str, lookups: Mapping[str, str]) -> str:
    return lookups.get(name, name if name.endswith("__c") else name.removesuffix("Id"))


# How a record finds its deal where no way of its object leads there.
LAST_RESORT = (Way("OpportunityId", "Opportunity"), Way("Opportunity__c", "Opportunity"))


def key(name: str) -> str:
    """Reduce an API name to what counts when names are compared: `opportunity_history` is `OpportunityHistory`."""
    return name.casefold().replace("_", "").strip()


def lookup_field(relation: str) -> str:
    """The lookup field behind the first word of a path: `Account` is `AccountId`, `Quote__r` is `Quote__c`."""
    return relation.removesuffix("__r") + "__c" if relation.endswith("__r") else relation + "Id"


def api_path(header: str, fields: Mapping[str, str]) -> str:
    """Write a header such as `OWNER.NAME` as the API does: `Owner.Name`.

    Parameters
    ----------
    fields
        API names by what counts of them; see `files.api_names`.
    """
    *relations, last = header.split(".")
    return ".".join([*(_relation(each, fields) for each in relations), fields.get(key(last), last)])


def _relation(name: str, fields: Mapping[str, str]) -> str:
    if name.casefold().endswith("__r"):
        return fields.get(key(name[:-3] + "__c"), name[:-3] + "__c").removesuffix("__c") + "__r"
    return fields.get(key(name + "Id"), name + "Id").removesuffix("Id")
