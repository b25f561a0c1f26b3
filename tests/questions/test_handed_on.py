"""What is written for one selection holds no word of another: lines, calendars, performers, stages and own key figures too."""

import pandas as pd
import pyarrow.parquet as parquet
import pytest

import l2c
from l2c.log import build
from l2c.prepare.pseudonyms import handed
from tests.logs import ORIGIN

NORTH = ("Northmark", "Ann Nord", "Norbert Klerk", "Northmark pump")
SOUTH = ("Southmark", "Bea Sued", "Suse Klerk", "Southmark pump")
STEPS = (
    (0, "Opportunity Created"), (5, "Quote Sent"), (20, "Closed Won"), (22, "Sales Order Created"), (30, "Invoice Sent"),
    (60, "Payment Received"),
)  # fmt: skip


def rows():
    found = []
    for n in range(24):
        region, rep, actor, product = (NORTH, SOUTH)[n % 2]
        fixed = {"case_id": f"{region[0]}{n}", "region": region, "rep": rep, "actor": actor, "product": product}
        found += [
            fixed | {"activity": name, "time": ORIGIN + pd.Timedelta(days=day + n), "amount": 1000.0}
            for day, name in STEPS
        ]
    return pd.DataFrame(found).assign(object_id=lambda t: t["case_id"] + "-" + t["activity"].str[:2])


def lines():
    made = rows().drop_duplicates("case_id")
    return pd.DataFrame(
        {
            "line_id": "L" + made["case_id"], "object_type": "Order", "object_id": made["case_id"] + "-Sa",
            "case_id": made["case_id"], "product": made["product"], "quantity": 1.0, "price": 1000.0, "currency": "EUR",
            "source_row": range(len(made)),
        }
    )  # fmt: skip


@pytest.fixture(scope="module")
def log():
    made = build(rows(), lines=lines(), zone="Europe/Berlin", performers={"Suse Klerk": "automation"})
    places = {name: {"holidays": [f"2025-03-0{n}"]} for n, name in enumerate(("Northmark", "Southmark"), 1)}
    made = made.with_calendar({"hours": {"weekdays": "9:00-17:00"}, "by": "region", "regions": places})
    figure = {"id": "south_days", "from": "Quote Sent", "to": "Closed Won", "among": {"region": "Southmark"}}
    return made.with_kpis(figure)


def told(folder):
    """Everything that the files of a folder say."""
    files = [file for file in folder.rglob("*") if file.is_file()]
    assert files
    return "".join(
        parquet.read_table(file).to_pandas().to_csv() if file.suffix == ".parquet" else file.read_text("utf-8-sig")
        for file in files
    )


@pytest.mark.parametrize(
    "view",
    [
        lambda log: log,
        lambda log: log.in_hours("working"),
        lambda log: log.between("Quote Sent", "Closed Won"),
        lambda log: log.as_of("2025-02-10"),
        lambda log: log.grouped({"Cash": ["Invoice Sent", "Payment Received"]}),
    ],
)
def test_a_part_in_any_view_says_nothing_of_the_rest(log, view, tmp_path):
    text = told(handed(view(log.where(region="Northmark"))).save(tmp_path / "log"))
    assert "Northmark" in text
    assert [word for word in (*SOUTH, "Ann Nord", "Norbert Klerk") if word in text] == []


def test_the_hours_of_the_part_are_those_of_the_whole(log):
    part = log.where(region="Northmark").in_hours("working")
    figures = ["sales_cycle_days", "invoice_to_payment_days"]
    whole, given = (l2c.kpis(each, only=figures)["value"].tolist() for each in (part, handed(part)))
    assert given == whole


def test_what_is_masked_is_masked_in_lines_too(log, tmp_path):
    given = handed(log, mask=["product", "region"])
    text = told(given.save(tmp_path / "log"))
    assert [word for word in (*NORTH, *SOUTH) if word in text] == []
    # The same product has the same name in the deals and in their lines.
    products = set(given.lines.select("product").collect().to_pandas()["product"])
    assert products == set(given.distinct("product"))


def test_performers_that_a_mapping_names_are_hidden_with_the_others(tmp_path):
    source = tmp_path / "rows.csv"
    rows().to_csv(source, index=False)
    said = {"actors": {"Suse Klerk": "automation", "Norbert Klerk": "person", "Nobody Here": "agent"}}
    whole = l2c.read(source, mapping=said)
    text = told(handed(whole.where(region="Northmark")).save(tmp_path / "log"))
    assert [word for word in (*SOUTH, "Norbert Klerk", "Nobody Here") if word in text] == []
    named = handed(whole.where(region="Northmark"), names=True)
    assert named.quality.mapping["actors"] == {"Norbert Klerk": "person"}
