"""Every message of the kit stands as text in messages.md, to be read and judged; `python -m tests.test_errors` rewrites it."""

import inspect
import pickle
import re
from pathlib import Path

import pytest

from l2c.words import errors

MESSAGES = Path(__file__).with_name("messages.md")
# What a parameter of that name is filled with.
EXAMPLES = {
    "file": "log/last_run.yaml",
    "at": 10,
    "url": "acme",
    "field": "StageName",
    "due": "2025-06-01",
    "line": 1,
    "kpi": "sales_cycle_days",
    "watch": "open_deals",
    "place": "decisions, faster_approvals",
    "head": "skip: Contract Aproved",
    "one": "skip",
    "examples": ["1.23457E+11", "2.34568E+11"],
    "alone": ["Deal name"],
    "again": ["Account name"],
    "shown": {"Created Date": ["2019-03-04"], "Created Date (2)": ["2025-01-05"]},
    "stage": "Status",
    "time": "Created Date",
    "id": "legal_days",
    "problem": "No activity is called X.",
    "day": "2025-08-01",
    "extracted": "2025-07-01",
    "things": "texts",
    "opens": 3,
    "margin": 80,
    "closes": 5,
    "begin": ["D1", "D2", "D3"],
    "deals": 2,
    "differing": ["Stage", "Amount"],
    "sums": ["D1: 1,500", "D2: 800"],
    "lasts": ["D1: 1000", "D2: 300"],
    "firsts": ["D1: 500", "D2: 500"],
    "width": 100_003,
    "lines": [5, 7],
    "met": ["2: 2025-05-01", "4: 2025-07-02"],
    "other": "2025-01-05",
    "order": "dmy",
    "sheets": ["old copy"],
    "most": 16_384,
    "instead": "a folder",
    "target": "elsewhere.csv",
    "columns": 16_384,
    "held": 10,
    "seconds": 10.0,
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
    "message": "Session expired or invalid",
    "title": "Login | Salesforce",
    "types": ["Order", "Delivery"],
    "scheme": "https://",
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
    "country": "DE",
    "day_first": "13/2/2025",
    "days": -3,
    "detail": "line 7",
    "error": ValueError("mapping values are not allowed here"),
    "example": "1/2/2025",
    "values": ["1/2/2025", "3/4/2025"],
    "days_first": ["2025-02-01", "2025-04-03"],
    "months_first": ["2025-01-02", "2025-03-04"],
    "large": ["12,000", "5,500"],
    "small": ["12", "5.5"],
    "comma": ",",
    "point": ".",
    "ours": ["2025-01-05 03:00"],
    "theirs": ["2025-01-05 06:30"],
    "elsewhere": "Asia/Jerusalem",
    "failed": [("04a_time", 7, "KeyError: 'rep'", "report/notebooks/04a_time.ipynb")],
    "fault": "has no column time",
    "extra": "notebook",
    "filters": {"region": "EMEA", "outcome": "lost"},
    "first": "2025-01-01",
    "folder": "log",
    "form": "foo",
    "currency": "EURO",
    "has": "String",
    "index": "report/index.html",
    "header": "Deal",
    "headers": ["Deal No", "Step", "When"],
    "kept": "report/notebooks/04a_time.ipynb",
    "kind": "Excel",
    "known": ["Quote Sent", "Quote Revised", "Closed Won"],
    "last": "2026-06-30",
    "log": "out/log",
    "masked": ("rep", "actor"),
    "missing": ["log.json"],
    "modules": ["papermill", "nbconvert"],
    "month_first": "2/13/2025",
    "name": "export.csv",
    "names": ["export.csv"],
    "kinds": ["support cases"],
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
    "schema": 2,
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


def made():
    """An error of every kind, in every way, with its name."""
    for kind in (c for _, c in inspect.getmembers(errors, inspect.isclass) if issubclass(c, errors.L2CError)):
        for name, make in inspect.getmembers(kind, inspect.ismethod):
            if not name.startswith("_") and name in vars(kind):
                yield f"{kind.__name__}.{name}", make(**{p: EXAMPLES[p] for p in inspect.signature(make).parameters})


@pytest.mark.parametrize(("name", "error"), list(made()), ids=[name for name, _ in made()])
def test_every_message_has_a_japanese_wording(name, error):
    assert error.made_by == name
    said = error.said("ja")
    assert re.search(r"[ぁ-んァ-ヶ一-龠]", said) and said != str(error)
    assert error.said("en") == str(error)
    # What was found stands in both: names, numbers and places are not lost on the way.
    for given in (error.made_of.get(key) for key in ("name", "where", "path", "folder", "rule", "host", "headers")):
        for part in given if isinstance(given, list) else [given] if given is not None else []:
            assert str(part) in said or str(part) not in str(error)


def test_no_wording_is_left_over_and_braces_are_filled():
    for _, error in made():
        assert not re.search(r"\{\w+\}", error.said("ja").replace("{reach", ""))


def test_an_error_keeps_what_it_was_made_of_on_its_way_between_processes():
    error = pickle.loads(pickle.dumps(errors.NotebookFailed.cell("report", 3, "KeyError: 'x'", "a.ipynb")))
    assert error.said("ja").startswith("report はセル3で停止しました")
    assert errors.L2CError("Something else.").said("ja") == "Something else."


def test_what_can_be_gone_through_once_is_said_in_both_languages():
    error = errors.UnknownName.activity("Quote snet", iter(["Quote Sent", "Closed Won"]))
    assert "Closest in this log: Quote Sent" in str(error) and "近いもの：Quote Sent" in error.said("ja")


def test_words_of_the_data_break_no_message_in_either_language():
    error = errors.UnknownName.activity("a\x1b[2J\nb", [])
    assert "\x1b" not in error.said("en") + error.said("ja") and "\n" not in error.said("en") + error.said("ja")
    assert (
        errors.UnknownName.attribute("", ["rep"]).said("ja")
        == "「」という商談の項目はありません。このログの項目：rep。"
    )


def test_the_command_line_says_errors_in_the_language_asked_for(tmp_path, capsys):
    from l2c.cli import main

    assert main(["report", str(tmp_path / "none.csv"), "-o", str(tmp_path / "out"), "--lang", "ja"]) == 1
    assert "none.csv はありません" in capsys.readouterr().err
    assert main(["report", str(tmp_path / "none.csv"), "-o", str(tmp_path / "out")]) == 1
    assert "does not exist" in capsys.readouterr().err


if __name__ == "__main__":
    MESSAGES.write_text(messages(), "utf-8")
