"""What does each object of an org say about its deal?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache, lru_cache
from importlib import resources
from types import MappingProxyType
from typing import Any

from l2c.prepare import mapping_file
from l2c.prepare.instructions import ends, performers
from l2c.prepare.mapping_file import Document
from l2c.prepare.salesforce import form
from l2c.prepare.salesforce.contact_fields import FIELDS
from l2c.prepare.salesforce.meaning import LAST_RESORT, Kind, Mapping_, Rule, Way, _target, lookup_field
from l2c.words.errors import BadMapping

# Fields that every object may have and that the reader itself uses.
COMMON = ("Id", "IsDeleted", "CreatedDate", "CreatedById", "LastModifiedDate", "SystemModstamp")
CUSTOM = "*c"
# Where the org keeps its time zone and its fiscal year.
ORGANIZATION = "Organization"
# What a condition may say of a change.
CHANGES = ("changed", "raised", "cut", "later", "earlier")
# Conditions that are no fields.
DERIVED = ("stage", "settled", "reversed", "target", "last", "submitted", "of", "unsigned")


def load(said: Any = None) -> Mapping_:
    """Read a mapping of objects.

    Parameters
    ----------
    said
        A YAML file, its content, or a document of `mapping_file.opened`; the shipped mapping unless given.

    Raises
    ------
    BadMapping
        If it cannot be read, or says something that is not understood; the message names the line.
    """
    document = mapping_file.opened(said)
    if document is None:
        return _shipped()
    if set(document.content) <= {"version", "actors", "activities"} and not document.is_objects:
        # Whoever only corrects who is a person, or which stage is an end, needs no copy of the rest.
        return replace(_shipped(), actors=performers(document), ends=ends(document))
    if not document.is_objects:
        raise BadMapping.of_columns(document.place())
    form.refuse_malformed(document)
    made = _made(document)
    # What is only looked up, such as Account, needs no entry of its own; a name that is nowhere is a slip.
    form.refuse_slips(document, made, {*made.kinds, *made.lookups.values(), *wanted(_shipped())})
    return made


@cache
def _shipped() -> Mapping_:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    text = resources.files("l2c.prepare.salesforce").joinpath("mapping.yaml").read_text("utf-8")
    content = yaml.load(text, Loader=loader)
    return _made(Document(content, content, "the shipped mapping"))


def _made(document: Document) -> Mapping_:
    content = document.content
    lookups = dict(content.get("lookups") or {})
    found = Mapping_(
        {},
        lookups,
        tuple(_rule(entry, lookups) for entry in content.get("activities") or ()),
        {name: tuple(ways or ()) for name, ways in (content.get("attributes") or {}).items()},
        content.get("lines") or {},
        tuple(content.get("quotes") or ()),
        content.get("stages") or {},
        content.get("rates") or {},
        performers(document),
        tuple(content.get("line_items") or ()),
        tuple(content.get("totals") or ()),
        tuple(content.get("contracts") or ()),
    )
    kinds = {name: _kind(name, entry or {}, found) for name, entry in (content.get("objects") or {}).items()}
    found.kinds.update(kinds)  # type: ignore[attr-defined]
    return found


def _kind(name: str, entry: dict[str, Any], known: Mapping_) -> Kind:
    ways = tuple(_way(text, known.lookups) for text in _listed(entry.get("reach")))
    part_of = tuple(_way(text, known.lookups) for text in _listed(entry.get("part_of")))
    flags = {flag: bool(entry.get(flag)) for flag in ("snapshot", "changes", "optional")}
    return Kind(name, _listed(entry.get("also")), ways or part_of, part_of, pays=entry.get("pays"), **flags)


def _way(text: str, lookups: Mapping[str, str]) -> Way:
    one = text.endswith(" if one")
    text = text.removesuffix(" if one").strip()
    if text.startswith("<"):
        other, _, name = text.removeprefix("<").strip().partition(".")
        return Way(name, other, back=True, one=one)
    name, _, target = (part.strip() for part in text.partition("->"))
    return Way(name, target or _target(name, lookups), one=one)


def _rule(entry: Any, lookups: Mapping[str, str]) -> Rule:
    time = _listed(entry["time"])
    rough = entry.get("approximate")
    return Rule(
        str(entry["activity"]),
        str(entry["object"]),
        time,
        entry.get("when") or {},
        _listed(entry.get("actor")),
        frozenset(time) if rough is True else frozenset(_listed(rough)),
        entry.get("instead_of"),
        _listed(entry.get("unless")),
        bool(entry.get("first")),
        entry.get("after"),
        tuple(_way(text, lookups) for text in _listed(entry.get("about"))),
        {name: _listed(fields) for name, fields in (entry.get("with") or {}).items()},
    )


def _listed(said: Any) -> tuple[str, ...]:
    if said is None or said is False:
        return ()
    return tuple(str(each) for each in said) if isinstance(said, list) else (str(said),)


@lru_cache(maxsize=8)
def wanted(mapping: Mapping_) -> Mapping[str, tuple[str, ...]]:
    """Return the fields of each object that the mapping can use; `*c` stands for every custom field."""
    fields: dict[str, dict[str, None]] = {name: dict.fromkeys(COMMON) for name in mapping.kinds}
    for name, path in _paths(mapping):
        _walk(mapping, fields, name, path)
    for name in ("Opportunity", "Account", "Lead", "Contract", "Order", "Invoice", "blng__Invoice__c", "Payment"):
        if name in fields:
            fields[name][CUSTOM] = None
    fields.setdefault(ORGANIZATION, dict.fromkeys(("Id", "TimeZoneSidKey", "FiscalYearStartMonth")))
    return MappingProxyType({name: tuple(names) for name, names in fields.items()})


def _walk(mapping: Mapping_, fields: dict[str, dict[str, None]], name: str, path: str) -> None:
    own = fields.setdefault(name, dict.fromkeys(COMMON))
    head, _, rest = path.partition(".")
    own[lookup_field(head) if rest else head] = None
    if rest:
        _walk(mapping, fields, mapping.target(lookup_field(head)), rest)


def _paths(mapping: Mapping_) -> Iterator[tuple[str, str]]:
    """Yield every object with every path that the mapping reads from its records."""
    for kind in mapping.kinds.values():
        for way in (*kind.reach, *kind.part_of):
            yield (way.object, way.field) if way.back else (kind.name, way.field)
        if not kind.part_of and kind.name not in ("Opportunity", "Lead"):
            yield from ((kind.name, way.field) for way in LAST_RESORT)
        if kind.changes:
            yield from ((kind.name, name) for name in ("Field", "OldValue", "NewValue"))
        if kind.snapshot:
            yield from (
                (kind.name, name) for name in ("StageName", "Amount", "CloseDate", "Probability", "ForecastCategory")
            )
        if kind.pays:
            paths = (
                kind.pays["amount"],
                *_listed(kind.pays.get("of")),
                kind.pays.get("balance"),
                *kind.pays.get("back", ()),
            )
            yield from ((kind.name, path) for path in paths if path)
    for rule in mapping.rules:
        extra = [path for paths in rule.extra.values() for path in paths]
        tests = [name for name in rule.when if name not in DERIVED]
        about = [way.field for way in rule.about]
        for path in (*rule.time, *about, *rule.actor, *extra, *tests, *((rule.after,) if rule.after else ())):
            yield rule.object, path
    for ways in mapping.attributes.values():
        yield from ((name, path) for way in ways for name, path in way.items())
    for table in (mapping.lines, *mapping.quotes, mapping.stages):
        for said in (value for word, value in table.items() if word != "object"):
            yield from ((table["object"], path) for path in _listed(said))
    for said in (*mapping.line_items, *mapping.totals):
        yield from ((said["object"], path) for path in _of_lines(said))
    yield from (("Contract", name) for name in ("CustomerSignedDate", "SBQQ__Order__c"))
    for said in mapping.contracts:
        yield said["object"], _way(said["field"], mapping.lookups).field
    for name in (mapping.rates.get("dated"), mapping.rates.get("fixed")):
        if name:
            yield from ((name, mapping.rates[w]) for w in ("code", "rate", "from", "until") if w in mapping.rates)
    yield from (("User", name) for name in ("Name", "Username", "FirstName", "LastName", "UserType", "Profile.Name"))
    yield from (("Opportunity", name) for name in ("IsClosed", "IsWon", "Probability", "ContractId"))
    yield "Lead", "ConvertedOpportunityId"
    if "OpportunitySplit" in mapping.kinds:
        fields = ("SplitOwnerId", "SplitPercentage", "SplitType.IsTotalValidated")
        yield from (("OpportunitySplit", name) for name in fields)
    yield "CurrencyType", "IsCorporate"
    yield from ((name, field) for name, fields in FIELDS.items() if name in mapping.kinds for field in fields)


def _of_lines(said: Mapping[str, Any]) -> Iterator[str]:
    """Yield every path that the lines of a document, or its total, are read from."""
    yield from (end.partition("->")[0].strip() for end in (*_listed(said.get("of")), *_listed(said.get("from"))))
    yield from (path for word in ("product", "quantity", "price", "total") for path in _listed(said.get(word)))
    yield from said.get("when") or ()
    yield "CurrencyIsoCode"
