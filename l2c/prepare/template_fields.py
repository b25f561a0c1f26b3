"""Which columns and example rows does the template have?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any, Literal

from l2c.words import vocabulary
from l2c.words.vocabulary import Activity, Attribute

Lang = Literal["en", "ja"]


Cell = str | float | int | datetime | None


@dataclass(frozen=True)
class Field:
    """A column to fill in: its header, the kind of its values, and what to say about it."""

    header: str
    kind: str
    level: str
    note: str
    id: str
    is_date: bool = False


def event_columns(lang: Lang) -> list[Field]:
    """Return the columns of the event log: every attribute, the required ones first."""
    return [_field(attribute, lang) for attribute in vocabulary.attributes()]


def deal_columns(lang: Lang) -> list[Field]:
    """Return the columns of the table with one row per deal: what is known of a deal, then a date per activity."""
    facts = [_field(a, lang) for a in vocabulary.attributes() if a.scope == "case" or a.id in ("stage", "due_date")]
    header, note = texts()["date_header"][lang], texts()["notes"]["date"][lang]
    dates = [
        Field(
            header.format(name=said(lang, a)),
            "time",
            a.level,
            f"[{vocabulary.label(a.level, lang)}] " + note.format(meaning=said(lang, a, "meaning")),
            a.id,
            is_date=True,
        )
        for a in vocabulary.activities()
    ]
    return facts + dates


def event_rows(lang: Lang) -> list[list[Cell]]:
    """Return the example deals, a row per event; facts of the deal stand on every row, the stage as it was then."""
    rows: list[list[Cell]] = []
    for deal in texts()["examples"]:
        stage = None
        for time, activity, *document in deal["events"]:
            stage = texts()["stages"].get(activity, {}).get(lang, stage)
            known = _facts(deal, lang) | {
                "activity": vocabulary.label(activity, lang),
                "time": datetime.fromisoformat(time),
                "stage": stage,
                "actor": _actor(activity, deal, lang),
                "object_id": document[0] if document else None,
                "source_system": "Salesforce",
            }
            if activity not in ("invoice_sent", "payment_received"):
                known["due_date"] = None
            rows.append([known.get(field.id) for field in event_columns(lang)])
    return rows


def deal_rows(lang: Lang) -> list[list[Cell]]:
    """Return the example deals, a row per deal; of a repeated activity the first day."""
    rows: list[list[Cell]] = []
    for deal in texts()["examples"]:
        known = _facts(deal, lang)
        for time, activity, *_ in deal["events"]:
            known.setdefault(activity, datetime.fromisoformat(time[:10]))
        rows.append([known.get(field.id) for field in deal_columns(lang)])
    return rows


def _facts(deal: dict[str, Any], lang: Lang) -> dict[str, Cell]:
    yes, no = texts()["flags"][lang]
    due = deal.get("due_date")
    return deal["facts"][lang] | {
        "case_id": deal["case_id"],
        "is_won": yes if deal["is_won"] else no,
        "is_closed": yes,
        "discount": deal.get("discount"),
        "stage": texts()["stages"]["closed_won" if deal["is_won"] else "closed_lost"][lang],
        "payment_terms_days": deal.get("payment_terms_days"),
        "due_date": datetime.fromisoformat(due) if due else None,
    }


def _actor(activity: str, deal: dict[str, Any], lang: Lang) -> str:
    phase = next(a.phase for a in vocabulary.activities() if a.id == activity)
    actors = texts()["actors"]
    who: str = actors.get(activity, actors.get(phase, {})).get(lang) or deal["facts"][lang]["rep"]
    return who


def _field(a: Attribute, lang: Lang) -> Field:
    sign = "" if lang == "ja" else " "
    note = f"{said(lang, a, 'meaning')}{sign}{said(lang, a, 'why')}\n" + texts()["notes"]["example"][lang].format(
        value=", ".join(a.examples)
    )
    return Field(said(lang, a), a.kind, a.level, f"[{vocabulary.label(a.level, lang)}] {note}", a.id)


def said(lang: Lang, thing: Attribute | Activity, part: str = "") -> str:
    """Say a name, a meaning or a reason in a language."""
    text: str = getattr(thing, f"{part}_{lang}" if part else lang)
    return text


@cache
def texts() -> dict[str, Any]:
    """Return what the template says beyond the vocabulary."""
    import yaml

    source = resources.files("l2c.prepare").joinpath("template.yaml")
    content: dict[str, Any] = yaml.safe_load(source.read_text("utf-8"))
    return content
