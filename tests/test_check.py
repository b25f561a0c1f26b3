"""What is in a source, and what can it answer?"""

import json
from pathlib import Path

import pytest

import l2c
from l2c import show
from l2c.check import places, problems
from l2c.cli import main
from l2c.show.check import called
from l2c.words import phrases, vocabulary
from l2c.words.phrases import PHRASES
from tests.logs import demo, from_text

DEALS = """Opportunity ID,Stage,Amount,Created Date,Close Date,Owner Mood
D1,Closed Won,1000,2025-01-05,2025-02-20,glad
D2,Closed Lost,2000,2025-01-06,2025-02-21,sad
D3,Talks,3000,2025-01-07,2025-12-22,
,Talks,4000,2025-01-08,2025-12-23,
"""


@pytest.fixture
def deals(tmp_path):
    path = tmp_path / "deals.csv"
    path.write_text(DEALS, "utf-8")
    return path


def answers(log):
    return problems(log).set_index("problem")


def test_it_tells_what_was_read_from_where_and_what_each_column_was_taken_for(deals):
    seen = l2c.check(deals)
    assert seen.refused is None
    assert seen.sources.to_dict("records") == [
        {"file": "deals.csv", "rows_read": 4, "rows_used": 3, "rows_aside": 1, "events": 5}
    ]
    columns = seen.columns.set_index("column")
    assert columns["taken_for"].to_dict() == {
        "Opportunity ID": "case_id", "Stage": "stage", "Amount": "amount", "Created Date": "Opportunity Created",
        "Close Date": "Closed Won|Closed Lost", "Owner Mood": "Owner Mood",
    }  # fmt: skip
    assert columns["why"].tolist() == ["name", "name", "name", "date", "date", "own"]
    assert columns.loc["Stage", "values"] == ("Closed Won", "Closed Lost", "Talks")


def test_a_time_is_called_a_time(deals):
    log = l2c.read(deals)
    assert called("time", "ja") == "タイムスタンプ"
    assert "最も遅い5件" not in show.check(l2c.check(log), lang="ja").html


def test_what_the_user_said_and_weak_names_are_told_apart(deals):
    seen = l2c.check(deals, mapping="amount=Amount, product=Owner Mood").columns.set_index("column")
    assert seen.loc[["Amount", "Owner Mood"], "why"].tolist() == ["said", "said"]
    deals.write_text("Id,Activity,Timestamp\na,Quote Sent,2025-01-01\n", "utf-8")
    assert l2c.check(deals).columns["why"].tolist() == ["weak", "name", "name"]


def test_a_source_that_cannot_be_read_raises_its_question_and_shows_its_columns(deals, capsys):
    deals.write_text("Colour,Taste\nred,sour\ngreen,sweet\n", "utf-8")
    seen = l2c.check(deals)
    assert seen.log is None and "case_id" in str(seen.refused)
    assert seen.columns["values"].tolist() == [("red", "green"), ("sour", "sweet")]
    assert seen.sources.to_dict("records") == [{"file": "deals.csv", "rows_read": 2}]
    assert main(["check", str(deals)]) == 1
    shown = capsys.readouterr().out
    assert str(seen.refused) in shown
    # Nothing was taken for anything, and that is not said of each column.
    assert "  Colour: red · green" in shown and "→" not in shown
    assert l2c.check(deals.with_name("none.csv")).refused is not None


def test_a_saved_log_is_checked_without_its_source(deals, tmp_path):
    log = l2c.read(deals)
    seen = l2c.check(log.save(tmp_path / "log"))
    assert seen.sources.equals(l2c.check(deals).sources)
    assert seen.columns.set_index("column").loc["Stage", "values"] == ("Closed Won", "Closed Lost", "Talks")
    assert seen.problems.equals(problems(log))
    # Values of the source are in memory only.
    assert "glad" not in (tmp_path / "log" / "quality.json").read_text("utf-8")


def test_deals_alone_speak_of_cycles_and_name_the_fields_that_would_open_the_rest(deals):
    found = answers(l2c.read(deals))
    assert found["answer"].value_counts().to_dict() == {"no": 10, "partly": 1}
    cycles = found.loc["long_cycles"]
    assert (cycles["answer"], cycles["cases"], cycles["missing"]) == ("partly", 3, ("stages",))
    assert cycles["opens"] == ("OpportunityHistory.StageName",) and cycles["lost"] == ("where_unseen",)
    assert found.loc["late_payment", "missing"] == ("Invoice Sent", "Payment Received")
    assert "Invoice.InvoiceDate" in found.loc["late_payment", "opens"][0]
    # Who owned the deals is all that comparing reps lacks.
    assert found.loc["reps", "missing"] == ("rep",)


def test_each_thing_that_is_there_changes_the_answer():
    def of(problem, text):
        return answers(from_text(text)).loc[problem]

    cash = "a: Opportunity Created 0, Closed Won 5, Invoice Sent 6, Payment Received 40\nb: Opportunity Created 0, Closed Lost 2"
    late = of("late_payment", cash)
    # Payments are there; when they were due is not.
    assert late["answer"] == "partly" and late["missing"][0] == "due_date" and late["lost"][0] == "lateness_unseen"
    assert of("order_errors", cash)["answer"] == "no"
    orders = "a: Opportunity Created 0, Sales Order Created 3, Order Corrected 4\nb: Opportunity Created 1, Sales Order Created 3"
    found = of("order_errors", orders)
    assert (found["answer"], found["cases"], found["lost"]) == ("partly", 2, ("orders_merged",))
    stages = "a: Opportunity Created 0, Stage: Talks 1, Stage: Offer 3, Closed Won 6"
    assert of("long_cycles", stages)["answer"] == "yes"
    assert of("long_cycles", "a: Opportunity Created 0, Closed Won 6")["answer"] == "partly"


def test_the_demo_speaks_to_all_eleven():
    found = problems(demo(400))
    assert len(found) == 11 and set(found["answer"]) <= {"yes", "partly"}
    # Its leads are given up without a word.
    assert found.set_index("problem").loc["lead_conversion", "missing"] == ("Lead Disqualified",)


def test_whatever_a_problem_needs_is_known_and_has_a_place_in_salesforce():
    known = set(demo(50).base.measures)
    named = {activity.en for activity in vocabulary.activities()} | {each.en for each in vocabulary.beside()}
    named |= {attribute.id for attribute in vocabulary.attributes()} | {"stages", "numbers", "clock"}
    for problem in vocabulary.words("problems.yaml")["problems"]:
        assert f"problem.{problem['id']}" in PHRASES and problem.get("kpi", "win_rate") in known
        for need in problem["needs"]:
            assert set(need["any"]) <= named and places(need["any"][0])
            assert "without" not in need or f"lost.{need['without']}" in PHRASES


def test_the_objects_of_an_org_are_checked_field_by_field(tmp_path):
    (tmp_path / "Opportunity.csv").write_text(
        "Id,StageName,Amount,CreatedDate,CloseDate,IsClosed,IsWon,Mood\n"
        "0065g0000000001AAA,Closed Won,10,2025-01-01T00:00:00Z,2025-02-01,true,true,glad\n", "utf-8",
    )  # fmt: skip
    (tmp_path / "Account.csv").write_text("Id,Name\n0015g0000000001AAA,Alder\n", "utf-8")
    columns = l2c.check(tmp_path).columns.set_index(["file", "column"])
    assert columns.loc[("Opportunity", "Amount"), ["taken_for", "why"]].tolist() == ["amount", "field"]
    assert columns.loc[("Opportunity", "Mood"), ["taken_for", "why"]].tolist() == ["", "unused"]
    assert columns.loc[("Account", "Name"), "values"] == ("Alder",)


def test_what_another_system_calls_a_column_is_said(tmp_path):
    file = tmp_path / "deals.csv"
    file.write_text(
        "Deal ID,Deal Name,Deal Stage,Pipeline,Amount,Close Date,Create Date,Deal Owner\n1,Oak,Closed Won,Sales,5,2025-02-01,2025-01-01,Ann\n",
        "utf-8",
    )
    columns = l2c.check(file).columns.set_index("column")
    assert columns.loc["Deal Owner", ["taken_for", "why"]].tolist() == ["rep", "system"]
    assert columns.loc["Create Date", "taken_for"] == "Opportunity Created" and columns.loc["Pipeline", "why"] == "own"


def test_the_columns_of_a_list_are_told_as_those_of_a_list(tmp_path):
    file = tmp_path / "invoices.csv"
    file.write_text(
        "Invoice Number,Opportunity ID,Invoice Date,Due Date,Paid At,Status,Total\nI1,D1,2025-01-01,2025-02-01,2025-01-20,paid,5\n",
        "utf-8",
    )
    columns = l2c.check(file).columns.set_index("column")
    assert "saved" not in columns["why"].tolist() and columns.loc["Status", "why"] == "list"
    assert columns["taken_for"].to_dict() == {
        "Invoice Number": "object_id", "Opportunity ID": "case_id", "Invoice Date": "Invoice Sent", "Due Date": "due_date",
        "Paid At": "Payment Received", "Status": "", "Total": "amount",
    }  # fmt: skip


def test_what_must_be_known_before_any_number_stands_first(deals, capsys):
    assert main(["check", str(deals)]) == 0
    text = capsys.readouterr().out
    assert text.index("No column says which deals are closed") < text.index("Read from")
    assert text.count("No column says which deals are closed") == 1


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_it_stands_on_one_page_in_lines_and_in_json(deals, tmp_path, capsys, lang):
    page, facts = tmp_path / "page.html", tmp_path / "facts.json"
    assert main(["check", str(deals), "--html", str(page), "--json", str(facts), "--lang", lang]) == 0
    text, html = capsys.readouterr().out, page.read_text("utf-8")
    for said in (phrases.say("problem.late_payment", lang), vocabulary.label("case_id", lang), "Owner Mood", "glad"):
        assert said in text and said in html
    assert "http" not in html.replace("http-equiv", "")
    told = json.loads(facts.read_text("utf-8"))
    assert told["read"]["rows_read"] == 4 and len(told["problems"]) == 11 and told["asked"] is None
    assert [row["answer"] for row in told["problems"]].count("no") == 10


def test_text_of_the_data_is_inert_on_the_page(deals):
    deals.write_text(DEALS.replace("glad", "<script>x</script>"), "utf-8")
    html = show.check(l2c.check(deals)).html
    assert "<script>" not in html and "&lt;script&gt;" in html
    assert Path(deals).exists()
