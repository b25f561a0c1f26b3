"""The template: made from the vocabulary, the same whenever it is made, and read back without a question."""

import csv
import io
import zipfile
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from l2c.prepare.template import templates
from l2c.prepare.template_fields import deal_columns, deal_rows, event_columns, event_rows, texts
from l2c.words import matching, vocabulary

SHIPPED = Path(__file__).parents[2] / "data_templates"
LANGUAGES = ["en", "ja"]


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("templates")
    templates(folder)
    return folder


@pytest.fixture(scope="module", params=LANGUAGES)
def book(request, written):
    return request.param, openpyxl.load_workbook(written / f"lead_to_cash_template_{request.param}.xlsx")


def sheet(book, part):
    lang, content = book
    return content[texts()["sheets"][part][lang]]


def parts(path):
    """A file's content; of a workbook, of its parts, since packing differs between versions of zlib."""
    if path.suffix != ".xlsx":
        return path.read_bytes()
    with zipfile.ZipFile(path) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def rows_of(path):
    return list(csv.reader(io.StringIO(path.read_text("utf-8-sig"))))


def test_the_shipped_templates_are_those_the_vocabulary_makes_today(written):
    # If this fails: python -c "from l2c.prepare.template import templates; templates('data_templates')"
    for path in sorted(written.iterdir()):
        assert parts(SHIPPED / path.name) == parts(path), f"data_templates/{path.name} is out of date"


def test_one_language_writes_its_three_files_only(tmp_path):
    made = templates(tmp_path / "new" / "folder", "ja")
    names = ["lead_to_cash_template_ja.xlsx", "lead_to_cash_events_ja.csv", "lead_to_cash_deals_ja.csv"]
    assert [path.name for path in made] == names
    assert sorted(path.name for path in (tmp_path / "new" / "folder").iterdir()) == sorted(names)


def test_a_workbook_has_a_guide_two_tables_and_two_lists(book):
    lang, content = book
    wanted = {
        "en": ["How to use", "Event log", "Activities", "Attributes", "One row per deal"],
        "ja": ["使い方", "イベントログ", "アクティビティ一覧", "属性一覧", "商談一覧"],
    }
    assert content.sheetnames == wanted[lang]


def test_every_header_is_recognised_as_what_it_is_for():
    for lang in LANGUAGES:
        for field in event_columns(lang):
            assert matching.is_strong(field.header, field.id)
        for field in deal_columns(lang):
            if field.is_date:
                named = next(a.en for a in vocabulary.activities() if a.id == field.id)
                assert matching.match_date_column(field.header) == named
                assert matching.match_attribute(field.header) == ()
            else:
                assert matching.is_strong(field.header, field.id)


def test_the_tables_hold_every_attribute_and_a_date_for_every_activity():
    assert [f.id for f in event_columns("en")] == [a.id for a in vocabulary.attributes()]
    assert [f.id for f in deal_columns("ja") if f.is_date] == [a.id for a in vocabulary.activities()]


def test_no_other_sheet_can_be_taken_for_data(book):
    for part in ("guide", "activities", "attributes"):
        headers = [str(cell.value) for cell in sheet(book, part)[1] if cell.value]
        assert "case_id" not in {a for h in headers for a in matching.match_attribute(h)}
        assert not any(matching.match_date_column(h) for h in headers)


def test_columns_are_typed_and_checked(book):
    lang, _ = book
    events = sheet(book, "events")
    places = {field.id: events.cell(1, n) for n, field in enumerate(event_columns(lang), 1)}
    formats = {id: events.column_dimensions[cell.column_letter].number_format for id, cell in places.items()}
    assert formats["case_id"] == "@"  # so that 0000611365 keeps its zeros
    assert formats["time"] == "yyyy-mm-dd hh:mm:ss"
    assert formats["discount"] == "0.0%"
    checks = {str(v.sqref): v for v in events.data_validations.dataValidation}

    def check(id):
        return checks[f"{places[id].column_letter}2:{places[id].column_letter}1048576"]

    assert check("activity").type == "list"
    assert check("is_won").formula1 == {"en": '"yes,no"', "ja": '"はい,いいえ"'}[lang]
    assert (check("time").type, check("discount").type, check("amount").type) == ("date", "decimal", "decimal")
    # Helping, not refusing: an activity of the company's own must be enterable.
    assert {v.errorStyle for v in checks.values()} == {"information", "warning"}
    assert events.freeze_panes == "B2"


def test_the_drop_down_offers_exactly_the_activities(book):
    lang, content = book
    offered = next(v.formula1 for v in sheet(book, "events").data_validations.dataValidation if v.type == "list")
    name, _, cells = offered.partition("!")
    listed = [cell.value for (cell,) in content[name.strip("'")][cells.replace("$", "")]]
    assert listed == [getattr(a, lang) for a in vocabulary.activities()]


def test_headers_explain_themselves(book):
    lang, _ = book
    for n, attribute in enumerate(vocabulary.attributes(), 1):
        note = sheet(book, "events").cell(1, n).comment.text
        assert getattr(attribute, f"meaning_{lang}") in note
        assert getattr(attribute, f"why_{lang}") in note


def test_no_cell_is_a_formula(written):
    for path in written.glob("*.xlsx"):
        for page in openpyxl.load_workbook(path):
            cells = [cell for row in page.iter_rows() for cell in row if cell.value is not None]
            assert not [c.coordinate for c in cells if c.data_type == "f" or str(c.value)[:1] in "=+-@"]
    for path in written.glob("*.csv"):
        assert not [value for row in rows_of(path) for value in row if value[:1] in ("=", "+", "-", "@")]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_csv_twins_say_what_the_workbook_says(written, lang):
    content = openpyxl.load_workbook(written / f"lead_to_cash_template_{lang}.xlsx")
    for part in ("events", "deals"):
        twin = rows_of(written / f"lead_to_cash_{part}_{lang}.csv")
        page = list(content[texts()["sheets"][part][lang]].iter_rows(values_only=True))
        assert twin[0] == list(page[0])
        assert len(twin) == len(page)
        for said, shown in zip(twin[1:], page[1:], strict=True):
            for text, value in zip(said, shown, strict=True):
                if isinstance(value, datetime):
                    assert datetime.fromisoformat(text) == value
                elif text.endswith("%"):
                    assert float(text[:-1]) / 100 == pytest.approx(value)
                else:
                    assert text == ("" if value is None else str(value))


def test_csv_files_carry_the_mark_that_excel_needs_for_japanese(written):
    assert all(path.read_bytes().startswith(b"\xef\xbb\xbf") for path in written.glob("*.csv"))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_examples_are_three_believable_deals_marked_as_examples(lang):
    ids = [f.id for f in event_columns(lang)]
    events = [dict(zip(ids, row, strict=True)) for row in event_rows(lang)]
    assert sorted({e["case_id"] for e in events}) == ["EXAMPLE-1", "EXAMPLE-2", "EXAMPLE-3"]
    for case in ("EXAMPLE-1", "EXAMPLE-2", "EXAMPLE-3"):
        times = [e["time"] for e in events if e["case_id"] == case]
        assert times == sorted(times)
        assert all(t.weekday() < 5 and 8 <= t.hour < 18 for t in times)
    late = [e for e in events if e["due_date"] and matching.match_activity(e["activity"]) == "Payment Received"]
    assert [(e["case_id"], e["time"] > e["due_date"]) for e in late] == [("EXAMPLE-1", False), ("EXAMPLE-2", True)]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_both_tables_tell_of_the_same_deals(lang):
    ids, fields = [f.id for f in event_columns(lang)], deal_columns(lang)
    first: dict[tuple[str, str], datetime] = {}
    for row in event_rows(lang):
        event = dict(zip(ids, row, strict=True))
        first.setdefault((event["case_id"], event["activity"]), event["time"])
    days = {key: time.date() for key, time in first.items()}
    dated = {
        (row[0], vocabulary.label(field.id, lang)): value.date()
        for row in deal_rows(lang)
        for field, value in zip(fields, row, strict=True)
        if field.is_date and value
    }
    assert dated == days


# What reading must find, counted by hand in template.yaml: 17 + 19 + 6 events; in a row per deal, EXAMPLE-2's second
# Quote Sent has no place, so one less.
EVENTS = {"template": 42, "events": 42, "deals": 41}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("part", ["template", "events", "deals"])
def test_a_filled_in_template_loads_without_a_question(written, lang, part):
    read = pytest.importorskip("l2c.prepare.read").read
    path = written / f"lead_to_cash_{part}_{lang}.{'xlsx' if part == 'template' else 'csv'}"
    log = read(path)
    assert (log.n_cases, log.n_events) == (3, EVENTS[part])
    assert log.quality.reasons == {}
    assert log.currency == {"en": "USD", "ja": "JPY"}[lang]
    known = {a.en for a in vocabulary.activities()}
    from l2c.engine import collect

    assert set(collect(log.events)["activity"]) <= known
    cases = collect(log.cases).set_index("case_id")
    assert cases["status"].to_dict() == {"EXAMPLE-1": "paid", "EXAMPLE-2": "paid", "EXAMPLE-3": "lost"}
    assert cases["discount"].dropna().to_dict() == {"EXAMPLE-2": 0.15}
    assert cases["amount"].sum() == {"en": 193_000, "ja": 19_300_000}[lang]
