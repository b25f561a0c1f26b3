"""The log that a command is about, as its arguments say; and what is told of it."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

# Exit statuses of the commands.
DONE, UNUSABLE, ALARMING = 0, 1, 3


def named(given: argparse.Namespace) -> dict[str, Any]:
    """Whose names may be read."""
    return {"names": given.names, "mask": given.mask, "smallest": given.smallest_group}


def options(given: argparse.Namespace) -> dict[str, Any]:
    """How a source is read."""
    return {
        "mapping": given.map,
        "date_format": given.date_format,
        "time_zone": given.time_zone,
        "currency": given.currency,
        "extracted": given.extracted,
        "history_start": given.history_start,
        "fiscal_year_starts": given.fiscal_year_starts,
    }


def unread(given: argparse.Namespace, source: str) -> None:
    """Refuse options of reading where nothing is read."""
    from l2c.prepare.options import refuse_unused

    refuse_unused(options(given), source)


def log(source: Any, given: argparse.Namespace) -> Any:
    """Read a source, or open a log, in the hours and with the key figures that were asked for."""
    import l2c
    from l2c.prepare.salesforce.address import shown

    places = [source] if isinstance(source, str) else source
    print(f"Reading {', '.join(shown(place) for place in places)} …", file=sys.stderr)
    found = l2c.read(source, **options(given), calendar=given.calendar)
    if url := getattr(given, "instance_url", None):
        found = found.with_org(url)
    kpis = getattr(given, "kpis", None)
    return counted(found.with_kpis(kpis) if kpis else found, given)


def counted(log: Any, given: argparse.Namespace) -> Any:
    """The log in the hours that were asked for; those in which it was saved unless any were."""
    return log if given.hours is None else log.in_hours(given.hours)


def worked(log: Any, given: argparse.Namespace) -> Any:
    """A log that was at hand, with the calendar and in the hours that were asked for."""
    return counted(log if given.calendar is None else log.with_calendar(given.calendar), given)


def told(log: Any, saved: Path) -> None:
    """Say how well a log was read, and where it lies."""
    print(log.quality)
    if len(log.quality.quarantine):
        print(f"Quarantined rows: {saved / 'quarantine.csv'}")
    print(f"Saved: {saved}")


def records(table: Any, lang: str) -> Any:
    """The rows of a table for JSON, remarks as sentences."""
    from l2c.words.notes import Note

    told = {
        name: [each.said(lang) if isinstance(each, Note) else None for each in table[name]]
        for name in ("text", "note", "assumed")
        if name in table
    }
    return json.loads(table.assign(**told).to_json(orient="records", date_format="iso"))


def write(facts: Any, place: str) -> None:
    """Write what is made of JSON values into a file, or to the terminal where the place is `-`."""
    text = json.dumps(facts, ensure_ascii=False, indent=1)
    if place == "-":
        print(text)
    else:
        Path(place).write_text(text, "utf-8")
