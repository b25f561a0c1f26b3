"""Every message of the kit stands as text in messages.md, to be read and judged; `python -m tests.test_errors` rewrites it."""

import inspect
from pathlib import Path

from l2c import errors

MESSAGES = Path(__file__).with_name("messages.md")
# What a parameter of that name is filled with.
EXAMPLES = {
    "host": "127.0.0.1",
    "port": 8866,
    "way": "JWT bearer",
    "wanted": "a text or a list of texts",
    "source": "a saved log",
    "used": 80_000,
    "tries": 8,
    "told": "50000",
    "there": "https://other.my.salesforce.com",
    "tables": ["orders", "parts"],
    "state": "Failed",
    "schemas": ["backup", "raw_sf"],
    "said": ["SF_CLIENT_ID"],
    "package": "snowflake-sqlalchemy",
    "limit": 100_000,
    "here": "https://acme.my.salesforce.com",
    "found": ["Account", "User"],
    "entry": {"activity": "Order Fulfilled"},
    "code": "INVALID_FIELD",
    "address": "postgresql://…@host/warehouse",
    "activity": "Quote snet",
    "after": 12.0,
    "before": 3.5,
    "followers": ["Quote Accepted", "Closed Lost"],
    "attribute": "time",
    "attributes": ["case_id", "time"],
    "cases": 0,
    "column": "Timestamp",
    "count": 3,
    "cost": -0.1,
    "date": "2025-13-01",
    "dates": ["Opportunity Created", "Closed Won"],
    "day_first": "13/2/2025",
    "days": -3,
    "detail": "line 7",
    "error": ValueError("mapping values are not allowed here"),
    "example": "1/2/2025",
    "filters": {"region": "EMEA", "outcome": "lost"},
    "first": "2025-01-01",
    "folder": "log",
    "form": "foo",
    "currency": "EURO",
    "has": "String",
    "header": "Deal",
    "headers": ["Deal No", "Step", "When"],
    "kept": "report/notebooks/04_diagnose.ipynb",
    "kind": "Excel",
    "known": ["Quote Sent", "Quote Revised", "Closed Won"],
    "last": "2026-06-30",
    "missing": ["log.json"],
    "month_first": "2/13/2025",
    "name": "export.csv",
    "names": ["export.csv"],
    "number": 7,
    "path": "map.txt",
    "reasons": {"unreadable time": 12},
    "row": 7,
    "rows": 12,
    "rule": "order_before_contract",
    "share": 1.5,
    "start": "Quote Sent",
    "end": "Contract Signed",
    "step": ("Quote Sent", "Contract Signed"),
    "text": "region",
    "unknown": ["colums"],
    "value": "EMAE",
    "what": "a number",
    "where": "export.csv, column When",
    "why": "KeyError: 'rep'",
    "word": "opened",
    "zone": "Asia/Tokyo",
}


def messages() -> str:
    """All messages, one heading per class."""
    lines = ["# What the kit says when it cannot go on", ""]
    kinds = [c for _, c in inspect.getmembers(errors, inspect.isclass) if issubclass(c, errors.L2CError)]
    for kind in sorted((c for c in kinds if c is not errors.L2CError), key=lambda c: c.__name__):
        lines += [f"## {kind.__name__}", ""]
        for name, make in inspect.getmembers(kind, inspect.ismethod):
            if name.startswith("_") or name not in vars(kind):
                continue
            given = {p: EXAMPLES[p] for p in inspect.signature(make).parameters}
            lines += [f"**{name}**: {make(**given)}", ""]
    return "\n".join(lines)


def test_every_message_is_written_down():
    assert messages() == MESSAGES.read_text("utf-8")


def test_messages_are_short_and_plain():
    for line in messages().splitlines():
        assert len(line) < 420, line
        assert "Traceback" not in line
        assert not line.startswith("**") or line.rstrip().endswith((".", "…")), line


if __name__ == "__main__":
    MESSAGES.write_text(messages(), "utf-8")
