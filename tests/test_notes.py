"""Every remark of the reader and of the measures is a value, and reads in both languages."""

import ast
import json
import re
import string
from pathlib import Path

import pandas as pd
import pytest

import l2c
from l2c import show
from l2c.diagnose import discounts, landmarks, payments, quote_rounds, rework
from l2c.prepare.pseudonyms import handed
from l2c.show.kpi_cards import REASONS
from l2c.words import notes
from l2c.words.notes import Note, blanks, changed, made, parts, several, texts
from tests.logs import from_text

PACKAGE = Path(l2c.__file__).parent
HOME = PACKAGE / "words" / "notes.py"
JAPANESE = re.compile(r"[ぁ-んァ-ヶ一-龠]")
UNRECORDED = Note("end_unrecorded", n=1, of=20)


def calls() -> list[tuple[str, ast.Call]]:
    """Every place of the package where a note is made."""
    return [
        (f"{path.relative_to(PACKAGE)}:{node.lineno}", node)
        for path in sorted(PACKAGE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Note"
        # Where notes are made again of what is known of them.
        if not (path == HOME and not isinstance(node.args[0], ast.Constant))
    ]


def test_every_note_that_is_made_has_its_words_and_no_words_wait_for_a_note():
    used = set()
    for where, call in calls():
        (id,) = call.args
        assert isinstance(id, ast.Constant) and id.value in texts(), where
        given = {word.arg for word in call.keywords}
        assert given - {None} <= blanks(id.value), where
        assert None in given or given == blanks(id.value), where
        used.add(id.value)
    assert set(texts()) - used == set()
    assert set(texts()) >= REASONS


def _fields(text: str) -> dict[str, str]:
    """The blanks of a text, each with the form of its number: names and lists differ between languages."""
    parsed = string.Formatter().parse(text)
    return {name: spec if set(spec or "") <= set(",.0123456789fg") else "" for _, name, spec, _ in parsed if name}


@pytest.mark.parametrize("id", sorted(texts()))
def test_a_note_says_the_same_in_both_languages(id):
    said = texts()[id]
    assert set(said) - {"top"} in ({"en", "ja"}, {"en", "ja", "page"}) and said.get("top", True) is True
    english, japanese = said["en"], said["ja"]
    assert _fields(english) == _fields(japanese) == _fields(said.get("page", english))
    # What only joins a name and a number has no word of its own.
    if re.search("[A-Za-z]", re.sub(r"\{[^}]*\}", "", english)):
        assert JAPANESE.search(re.sub(r"\{[^}]*\}", "", japanese))


def test_a_note_is_a_value():
    assert str(UNRECORDED) == UNRECORDED.said() == "end not recorded: 1 of 20"
    assert repr(UNRECORDED) == "Note('end not recorded: 1 of 20')"
    assert UNRECORDED.said("ja") == "終了の記録なし（20件中1件）"
    assert Note("end_unrecorded", of=20, n=1) == UNRECORDED and Note("end_unrecorded", n=2, of=20) != UNRECORDED
    assert len({UNRECORDED, Note("end_unrecorded", n=pd.Series([1])[0], of=20)}) == 1
    assert UNRECORDED.facts() == {"id": "end_unrecorded", "values": {"n": 1, "of": 20}}
    pd.testing.assert_series_equal(pd.Series([UNRECORDED, None]), pd.Series([Note("end_unrecorded", n=1, of=20), None]))
    with pytest.raises(AttributeError):
        UNRECORDED.id = "under_half"


def test_a_note_that_is_misspelt_is_refused():
    with pytest.raises(TypeError, match="No note is called 'end'"):
        Note("end", n=1)
    with pytest.raises(TypeError, match=r"'end_unrecorded' has the blanks \['n', 'of'\], not \['m', 'of'\]"):
        Note("end_unrecorded", m=1, of=20)


def test_several_notes_of_a_row_are_one():
    both = several([UNRECORDED, None, Note("currencies", n=2)])
    assert str(both) == "end not recorded: 1 of 20; amounts in 2 currencies"
    assert both.said("ja") == "終了の記録なし（20件中1件）；2通貨の金額が混在"
    assert several([None, UNRECORDED]) == UNRECORDED
    assert several([None]) is None


def test_names_are_ids_in_tables_and_words_on_pages():
    lacks = Note("lacks", attributes=["rep", "payment_terms_days"])
    assert str(lacks) == "the log does not hold rep, payment_terms_days"
    assert lacks.said("ja") == "ログにない項目：所有者、支払条件（日数）"
    empty = Note("missing", attribute="payment_terms_days")
    assert str(empty) == "cases without payment_terms_days"
    assert empty.said() == "cases in which “Payment Terms (days)” is empty"


def test_a_note_is_made_again_of_what_was_kept_of_it():
    note = Note("of_column", file="a.csv", column="Rate", note=Note("could_each_be", columns=["x", "y"], attribute="amount", taken="x"))  # fmt: skip
    assert made(json.loads(json.dumps(note.facts())), "") == note
    assert made(None, "as it was said") == "as it was said"
    assert made({"id": "of a later version", "values": {}}, "as it was said") == "as it was said"
    assert made(UNRECORDED.facts() | {"values": {"m": 1}}, "as it was said") == "as it was said"


def test_what_fills_a_note_can_be_looked_at_and_changed():
    note = Note("of_file", file="Ann Lee.csv", note=Note("footer", n=1, first=9, last=9, text="Made by Ann Lee"))
    assert sorted(parts(note)) == ["1", "9", "9", "Ann Lee.csv", "Made by Ann Lee"]
    shown = changed(note, {"Made by Ann Lee": "Made by Rep 1", "9": "no text"})
    assert str(shown) == "Ann Lee.csv: 1 footer lines left out (lines 9 to 9): Made by Rep 1"
    assert list(parts("plain text")) == ["plain text"] and changed("plain text", {"plain text": "other"}) == "other"


def test_plain_text_of_an_earlier_version_stays_as_it_is():
    assert notes.note("something unheard of", "ja") == "something unheard of"
    assert notes.note(UNRECORDED, "ja") == "終了の記録なし（20件中1件）"
    with pytest.raises(l2c.L2CError, match="'fr' is not one of: en, ja"):
        notes.note(UNRECORDED, "fr")


def test_a_remark_on_a_file_keeps_its_name():
    assert Note("of_file", file="a: b.csv", note=Note("encoding", encoding="cp932")).said("ja") == (
        "a: b.csv：文字コードは cp932 です"
    )
    percent = Note("of_column", file="deals.csv", column="Rate", note=Note("percent"))
    assert str(percent).startswith("deals.csv, Rate: read as percent, because some values are above 1")
    assert percent.said("ja").startswith("deals.csv の列「Rate」：1を超える")


def test_what_an_org_lacks_is_said_in_both_languages():
    said = Note("lacking", object="Task", fields=["IsClosed", Note("either", fields=["A", "B"])], activities=["Lead Contacted", "Lead Converted"])  # fmt: skip
    assert str(said) == "Task has no IsClosed, A or B: Lead Contacted, Lead Converted cannot be told from it."
    assert (
        said.said("ja")
        == "Task に IsClosed、A または B がないため、「リード初回対応、リードの取引開始」は分かりません。"
    )
    more = Note("no_activity_more", object="QuoteHistory", field="Status", values=[Note("counted", value="Entwurf {0}", n=3000)], more=2)  # fmt: skip
    assert str(more).startswith("QuoteHistory: these values of Status are no activity: Entwurf {0} (3,000) and 2 more.")
    assert more.said("ja").startswith(
        "QuoteHistory：Status の次の値はアクティビティになりません：Entwurf {0}（3,000） ほか2個。"
    )


JA = """案件一覧
2025年3月

商談番号,アクティビティ,日時,値引率,金額
A-1,商談作成,2025-01-05 10:00,5,100
A-1,受注,2025-02-05 10:00,5,100
A-2,商談作成,2025-01-06 10:00,0.5,200
A-2,失注,2025-03-06 10:00,0.5,200
合計,,,,
"""


def _english(lines: list[str], names: tuple[str, ...]) -> list[str]:
    """Lines that hold a word of English, but for the names in them."""
    bare = [re.sub("|".join(map(re.escape, names)), "", line) for line in lines]
    return [line for line in bare if re.search("[A-Za-z]{2}", line) or not JAPANESE.search(line)]


def test_a_japanese_page_says_every_remark_on_a_japanese_file_in_japanese(tmp_path):
    (tmp_path / "ja.csv").write_bytes(JA.encode("cp932"))
    log = l2c.read(tmp_path / "ja.csv")
    said = [notes.note(note, "ja") for note in log.quality.notes]
    assert said == [
        "ja.csv：文字コードは cp932 です",
        "ja.csv：表は4行目からです（その上の2行は表題）",
        "ja.csv：末尾の1行（9～9行目）は表の行ではないため除外：合計",
        "ja.csv の列「値引率」：1を超える値があるため百分率として読みました。1未満の値は1%未満とみなします",
    ]
    assert [str(note).partition(": ")[2] for note in log.quality.notes] == [
        "the encoding is cp932",
        "the table starts in line 4, below 2 lines of title",
        "1 footer lines left out (lines 9 to 9): 合計",
        "read as percent, because some values are above 1; those below 1 are then below one percent",
    ]
    page = repr(show.quality(log.quality, lang="ja")).splitlines()
    assert _english(page, ("ja.csv", "cp932")) == []


def test_the_remarks_of_the_measures_are_said_in_japanese():
    deals = "\n".join(f"{n} [amount=5]: Opportunity Created 0, Quote Sent {n}, Quote Sent {n + 1}, Sales Order Created 40, "
                      "Sales Order Created 45, Invoice Sent 50" for n in range(4))  # fmt: skip
    log = from_text(deals, until=90)
    tables = [l2c.kpis(log), payments(log), rework(log), quote_rounds(log), landmarks(log), discounts(log)]
    notes = [note for table in tables for name in ("note", "reason") if name in table for note in table[name].dropna()]
    assert {note.id for note in notes} >= {"no_payments", "no_answers", "unrecorded", "unnumbered_orders"}
    assert all(isinstance(note, Note) for note in notes)
    assert _english([show.table(pd.DataFrame({"note": [note]}), lang="ja").text.splitlines()[1] for note in notes], ("",)) == []  # fmt: skip


DEALS = "Opportunity ID,Amount,Created Date,Close Date\nD1,1000,2025-01-05,2025-02-20\nD2,2000,2025-01-06,2025-02-21\n"


def test_what_must_be_known_before_any_number_stands_above_them_all(tmp_path):
    (tmp_path / "deals.csv").write_text(DEALS, "utf-8")
    log = l2c.read(tmp_path / "deals.csv")
    (said,) = log.quality.top
    assert said.id == "no_closing" and said in log.quality.notes
    assert str(log.quality).startswith(f"! {said}\n2 rows read") and str(log.quality).count(str(said)) == 1
    assert log.quality.told()["top"] == [str(said)]
    log.save(tmp_path / "log")
    for told in (log, l2c.open(tmp_path / "log").where(outcome="open")):
        for lang in ("en", "ja"):
            alert = notes.note(said, lang)
            assert show.cautions(told.quality, lang=lang).text == alert
            assert show.about(told, lang=lang).text.startswith(alert) and 'role="alert"' in show.about(told).html
            assert show.quality(told.quality, lang=lang).text.count(alert) == 1


def test_a_remark_within_a_remark_stands_on_top_too():
    inner = Note("no_closing", column="Close Date")
    assert notes.is_top(Note("of_file", file="a.csv", note=inner))
    assert notes.is_top(several([UNRECORDED, inner])) and not notes.is_top(UNRECORDED) and not notes.is_top("text")


def test_nothing_stands_on_top_where_all_is_well():
    assert show.cautions(from_text("1: Opportunity Created 0, Closed Won 3").quality).html == ""


def test_a_saved_log_speaks_both_languages_again(tmp_path):
    (tmp_path / "ja.csv").write_bytes(JA.encode("cp932"))
    quality = l2c.read(tmp_path / "ja.csv").quality
    l2c.read(tmp_path / "ja.csv").save(tmp_path / "log")
    again = l2c.read(tmp_path / "log").quality
    assert again.notes == quality.notes
    assert again.findings["detail"].tolist() == quality.findings["detail"].tolist()
    facts = json.loads((tmp_path / "log" / "quality.json").read_text("utf-8"))
    # Programs that read the file find plain texts where they stood.
    assert facts["notes"] == [str(note) for note in quality.notes]
    assert {row["detail"] for row in facts["findings"]} == set(map(str, quality.findings["detail"]))
    assert str(again) == str(quality)


def test_a_log_that_was_saved_with_texts_opens_and_shows_them_as_they_are(tmp_path):
    (tmp_path / "ja.csv").write_bytes(JA.encode("cp932"))
    quality = l2c.read(tmp_path / "ja.csv").quality
    (tmp_path / "old").mkdir()
    quality.save(tmp_path / "old")
    file = tmp_path / "old" / "quality.json"
    facts = json.loads(file.read_text("utf-8"))
    del facts["said"]
    file.write_text(json.dumps(facts), "utf-8")
    old = type(quality).open(tmp_path / "old")
    assert old.notes == tuple(map(str, quality.notes))
    assert str(old) == str(quality)
    assert "the encoding is cp932" in repr(show.quality(old, lang="ja"))


def test_names_are_hidden_in_notes_and_findings_too(tmp_path):
    (tmp_path / "deals.csv").write_text(
        "Owner,Case ID,Activity,Timestamp\n"
        "Ann Lee,a,Quote Sent,2025-01-01 10:00\nann lee,b,Quote Sent,2025-01-02 10:00\n"
        "Bob Ray,c,Quote Sent,2025-01-03 10:00\n\nGenerated by Ann Lee\n",
        "utf-8",
    )
    log = l2c.read(tmp_path / "deals.csv")
    assert any("Ann Lee" in text for note in log.quality.notes for text in parts(note))
    assert any("ann lee" in text for note in log.quality.findings["detail"] for text in parts(note))
    hidden = handed(log).quality
    said = [*hidden.notes, *hidden.findings["detail"]]
    assert any(isinstance(note, Note) for note in said)
    assert not any("lee" in f"{note} {notes.note(note, 'ja')}".casefold() for note in said)
