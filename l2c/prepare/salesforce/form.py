"""Does a mapping of objects say what one can say? Every refusal names the line."""

from __future__ import annotations

from typing import Any

from l2c.prepare.mapping_file import Document, checked
from l2c.prepare.salesforce.conditions import words
from l2c.prepare.salesforce.meaning import ANY, Mapping_, Rule
from l2c.words import statuses
from l2c.words.errors import BadMapping

# Columns that an activity may bring along.
EXTRA = ("due_date", "invoice_amount", "invoice_type", "payment_terms_days", "payment_amount", "payment_id")
# What a mapping may say, in the words of `mapping_file.checked`.
SCHEMA: dict[str, Any] = {
    "version": "number",
    "objects": {
        ANY: {
            "also": "texts",
            "reach": "texts",
            "part_of": "texts",
            "snapshot": "flag",
            "changes": "flag",
            "optional": "flag",
            "pays": {"amount": "text", "of": "texts", "balance": "text", "back": {ANY: "texts"}},
        }
    },
    "lookups": {ANY: "text"},
    "actors": {ANY: "text"},
    "activities": [
        {
            "activity": "text",
            "object": "text",
            "when": {ANY: "test"},
            "time": "texts",
            "actor": "texts",
            "approximate": "flag or texts",
            "instead_of": "text",
            "unless": "texts",
            "first": "flag",
            "after": "text",
            "about": "texts",
            "with": dict.fromkeys(EXTRA, "texts"),
        }
    ],
    "attributes": {ANY: [{ANY: "text"}]},
    "lines": {
        "object": "text",
        "deal": "text",
        "product": ["text"],
        "value": "text",
        "quantity": "text",
        "list": "text",
    },
    "quotes": [
        {"object": "text", "deal": "text", "primary": "text", "discount": "texts", "subtotal": "text", "terms": "text"}
    ],
    "line_items": [
        {
            "object": "text",
            "of": "text",
            "product": "texts",
            "quantity": "texts",
            "price": "texts",
            "total": "texts",
            "from": "texts",
            "when": {ANY: "test"},
        }
    ],
    "totals": [{"object": "text", "total": "texts"}],
    "contracts": [{"action": "text", "object": "text", "field": "text", "is": "texts"}],
    "stages": {"object": "text", "label": ["text"], "closed": "text", "won": "text", "order": "text"},
    "rates": {"dated": "text", "fixed": "text", "code": "text", "rate": "text", "from": "text", "until": "text"},
}
# What an entry of a list, or a section, cannot do without.
NEEDED = {
    "lines": ("object", "deal", "product", "value", "quantity", "list"),
    "quotes": ("object", "deal", "primary", "discount"),
    "line_items": ("object", "of", "product"),
    "totals": ("object", "total"),
    "contracts": ("action", "object", "field"),
    "stages": ("object", "label", "closed", "won", "order"),
    "rates": ("code", "rate", "from", "until"),
}
STAGES = ("won", "lost", "reopened", "back", "forward", "open")


def refuse_malformed(document: Document) -> None:
    """Refuse sections, keys and values that a mapping cannot have.

    Raises
    ------
    BadMapping
        Naming the line.
    """
    content = document.content
    for number, entry in enumerate(content["activities"] if isinstance(content.get("activities"), list) else ()):
        if not isinstance(entry, dict) or not {"activity", "object", "time"} <= set(entry):
            raise BadMapping.rule(document.place("activities", number), entry)
    checked(document, SCHEMA, content)
    for name, entry in (content.get("objects") or {}).items():
        if entry and "pays" in entry and "amount" not in entry["pays"]:
            raise BadMapping.lacks(document.place("objects", name, "pays"), "pays", ["amount"])
    for section, needed in NEEDED.items():
        said = content.get(section) or []
        for number, entry in enumerate(said if isinstance(said, list) else [said]):
            if missing := [key for key in needed if key not in entry]:
                way = (section, number) if isinstance(said, list) else (section,)
                raise BadMapping.lacks(document.place(*way), section, missing)


def refuse_slips(document: Document, made: Mapping_, known: set[str]) -> None:
    """Refuse names that stand for nothing: they would be passed over without a word.

    Parameters
    ----------
    document, made
        The mapping as it was given, and as it was understood.
    known
        Objects that may be named.

    Raises
    ------
    BadMapping
        Naming the line.
    """
    for number, rule in enumerate(made.rules):
        _refuse_rule(document, rule, ("activities", number), made, known)
    for name, ways in made.attributes.items():
        for number, way in enumerate(ways):
            for said in (object for object in way if object not in known):
                raise BadMapping.no_object(document.place("attributes", name, number), f"the attribute {name}", said)
    if not made.rules:
        raise BadMapping.no_activities(document.place("activities"))


def _refuse_rule(document: Document, rule: Rule, way: tuple[Any, ...], made: Mapping_, known: set[str]) -> None:
    """Refuse names in one rule that stand for nothing."""
    if rule.object not in made.kinds:
        raise BadMapping.no_object(document.place(*way), rule.activity, rule.object)
    for key, said in (
        ("instead_of", rule.instead_of),
        ("target", rule.when.get("target")),
        ("of", rule.when.get("of")),
    ):
        inner = (*way, key) if key == "instead_of" else (*way, "when", key)
        for name in said if isinstance(said, list) else [said]:
            if name is not None and str(name) not in known:
                raise BadMapping.form(document.place(*inner), key, name, "an object of the mapping")
    stage = rule.when.get("stage", STAGES[0])
    if stage not in STAGES:
        raise BadMapping.form(document.place(*way, "when", "stage"), "stage", stage, f"one of {', '.join(STAGES)}")
    for field, test in rule.when.items():
        inside = next(iter(test.values())) if isinstance(test, dict) else test
        for word in words(inside):
            if (state := statuses.named(word)) is not None and state not in statuses.all_states():
                wanted = f"a state: {', '.join(statuses.all_states())}"
                raise BadMapping.form(document.place(*way, "when", field), field, word, wanted)
    activities = {each.activity for each in made.rules}
    for name in rule.unless:
        if name not in activities:
            raise BadMapping.form(document.place(*way, "unless"), "unless", name, "an activity of the mapping")
