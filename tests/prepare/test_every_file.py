"""Whatever file it is: every row is counted, the order of rows and the clothes of a table change nothing, no error is raw."""

import gzip
import io
import json
import random
import sqlite3
import zipfile
from pathlib import Path

import pandas as pd
import polars as pl
import pytest

from l2c import engine
from l2c.log import EventLog
from l2c.prepare.read import read
from l2c.words.errors import L2CError
from tests import data
from tests.prepare.test_workbooks import ods

FILES = sorted((data.HERE / "reading").iterdir())
# What names neither the file nor its row: these are all that may differ between two files of the same rows.
ELSEWHERE = {"source", "source_row", "case_key", "event_id", "position"}
MUTATIONS = 28

DEALS = pd.DataFrame(
    [
        ("006Kx00000Aa1b1", "Maple", "成約", "2025-01-05", "2025-02-20", "1000.50", "東京", "Closed Won"),
        ("006Kx00000Aa1b2", "Oak, Ltd.", "失注", "2025-01-15", "2025-03-18", "2000.00", "大阪", "Closed Lost"),
        ("006Kx00000Aa1b3", 'The "Elm"', "", "2025-01-25", "2025-04-30", "", "東京", "Negotiation"),
        ("006Kx00000Aa1b4", "Ash; Co", "成約", "2025-02-14", "2025-04-22", "8000.25", "", "Closed Won"),
    ],
    columns=["Opportunity ID", "Account Name", "備考", "Created Date", "Close Date", "Amount", "Region", "Stage"],
)
EVENTS = pd.DataFrame(
    [
        (f"D{case}", step, f"2025-0{case}-{day:02} 09:{case}0:00", f"Rep {case}")
        for case in range(1, 4)
        for day, step in [(3, "Opportunity Created"), (9, "Quote Sent"), (25, "Closed Won" if case < 3 else "Closed Lost")]
    ],
    columns=["Case ID", "Activity", "Timestamp", "Owner"],
)  # fmt: skip


def told(log: EventLog, only: set[str] | None = None) -> tuple[list[list[str]], list[list[str]], int, int]:
    """The events and cases of a log (of these columns only) as texts in one order, and what was read and used."""
    lines = []
    for frame in map(engine.collect, (log.events, log.cases)):
        # What is empty throughout may be left out or not.
        kept = frame[sorted(set(frame.columns) & (only or set(frame.columns)) - ELSEWHERE)].dropna(axis=1, how="all")
        lines.append(sorted([str(cell) for cell in row] for row in kept.to_numpy().tolist()))
    return lines[0], lines[1], log.quality.rows_read, log.quality.rows_used


def reconciled(path: Path) -> EventLog | None:
    """The log of a file whose rows add up, or None where a sentence says why there is none."""
    try:
        log = read(path)
    except L2CError as error:
        assert len(str(error)) > 20
        return None
    assert log.quality.rows_read == log.quality.rows_used + len(log.quality.quarantine)
    assert sum(log.quality.reasons.values()) == len(log.quality.quarantine)
    assert list(log.quality.findings) == ["finding", "detail", "count", "of"]
    return log


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.name)
def test_every_row_of_a_file_is_used_or_set_aside(file):
    reconciled(file)


# A row a line, and nothing that an order of rows could mean: no groups, totals, states of one day or texts over several lines.
SHUFFLED = (
    "cpq_report",
    "stripe_invoices",
    "opportunity_history_report",
    "pipeline_snapshots",
    "months_de",
    "null_markers",
    "closed_flag_only",
    "german_values",
    "lifecycle",
    "hubspot_deals",
    "pipedrive",
    "field_history_report",
    "date_and_time_apart",
    "zero_dates",
    "totals_in_csv",
    "concatenated",
    "hashes",
    "two_ids",
    "order_in_other_column",
)


# The first of several lines of a deal tells what differs between them, such as the number of its quote.
LINES = ("splits", "opps_with_quotes", "schedules")
OF_DEALS = {"case_id", "activity", "time", "status", "amount", "stage", "account"}


@pytest.mark.parametrize("name", SHUFFLED + LINES)
def test_the_order_of_rows_does_not_matter(name, tmp_path):
    head, *rows = (data.HERE / "reading" / f"{name}.csv").read_bytes().splitlines()
    expected = read(data.HERE / "reading" / f"{name}.csv")
    (tmp_path / f"{name}.csv").write_bytes(b"\n".join([head, *random.Random(7).sample(rows, len(rows)), b""]))
    only = OF_DEALS if name in LINES else None
    assert told(read(tmp_path / f"{name}.csv"), only) == told(expected, only)


def in_ten_clothes(table: pd.DataFrame, folder: Path) -> list[Path]:
    """The same table as people export it."""
    table = table.replace("", None)
    text = table.to_csv(index=False)
    made = {
        "comma.csv": text.encode(),
        "bom.csv": text.encode("utf-8-sig"),
        "semicolon.csv": table.to_csv(index=False, sep=";").encode(),
        "crlf.csv": table.to_csv(index=False, lineterminator="\r\n").encode(),
        "tab.tsv": table.to_csv(index=False, sep="\t").encode(),
        "wide.csv": text.encode("utf-16"),
        "wide.txt": table.to_csv(index=False, sep="\t").encode("utf-16"),
        "japan.csv": text.encode("cp932"),
        "page.xls": table.to_html(index=False, na_rep="").encode(),
        "list.json": table.to_json(orient="records", force_ascii=False).encode(),
        "answer.json": json.dumps({"result": {"records": json.loads(table.to_json(orient="records"))}}).encode(),
        "lines.jsonl": table.to_json(orient="records", lines=True).encode(),
        "packed.csv.gz": gzip.compress(text.encode()),
    }
    for name, content in made.items():
        (folder / name).write_bytes(content)
    with zipfile.ZipFile(folder / "packed.zip", "w") as archive:
        archive.writestr("exports/all.csv", text)
    table.to_excel(folder / "book.xlsx", index=False)
    ods(folder / "book.ods", [list(table.columns), *table.fillna("").to_numpy().tolist()])
    pl.from_pandas(table).write_parquet(folder / "columns.parquet")
    with sqlite3.connect(folder / "base.sqlite") as base:
        table.to_sql("deals", base, index=False)
    base.close()
    return sorted(folder.iterdir())


@pytest.mark.parametrize("table", [DEALS, EVENTS], ids=["deals", "events"])
def test_a_table_in_any_clothes_is_one_log(table, tmp_path):
    files = in_ten_clothes(table, tmp_path)
    expected = told(read(tmp_path / "comma.csv"))
    assert expected[2:] == (len(table), len(table))
    assert {file.name: told(read(file)) == expected for file in files} == {file.name: True for file in files}


def mutated(content: bytes, chance: random.Random) -> bytes:
    """What happens to files on their way: cut off, repeated, joined, saved by another program, damaged."""
    lines = content.splitlines(keepends=True)
    at = chance.randrange(len(lines))
    return chance.choice(
        [
            lambda: content[: chance.randrange(len(content))],
            lambda: content + content,
            lambda: b"".join([*lines[:at], *lines[at : at + 1] * 3, *lines[at + 1 :]]),
            lambda: b"".join(lines[:at] + lines[at + 1 :]),
            lambda: content.replace(b",", b";"),
            lambda: content.replace(b",", b'"', chance.randrange(1, 4)),
            lambda: content.replace(b"\n", b"\r"),
            lambda: content.replace(b"2025", b"", chance.randrange(1, 9)),
            lambda: b"".join(line.rstrip(b"\r\n") + b",,\r\n" for line in lines),
            lambda: content.replace(b"2", chance.choice([b"", b"\xff", b"\0", "２".encode(), b"1e5"]), chance.randrange(1, 5)),
            lambda: b"\n\n" + content + b"\n\nTotal,,,\n",
        ]
    )()  # fmt: skip


def test_whatever_happens_to_a_file_its_rows_add_up_or_a_sentence_says_why_not(tmp_path):
    texts = [file for file in FILES if file.suffix == ".csv"]
    for seed in range(MUTATIONS):
        chance = random.Random(seed)
        file = chance.choice(texts)
        (tmp_path / file.name).write_bytes(mutated(file.read_bytes(), chance))
        try:
            reconciled(tmp_path / file.name)
        except Exception as error:
            raise AssertionError(f"mutation {seed} of {file.name}") from error


def test_whatever_happens_to_a_packed_file_is_said(tmp_path):
    packed = [file for file in FILES if file.suffix in (".xlsx", ".xls", ".ods", ".zip", ".sqlite", ".xes")]
    for seed in range(MUTATIONS // 4):
        chance = random.Random(seed)
        file = chance.choice(packed)
        content = bytearray(file.read_bytes())
        for _ in range(3):
            at = chance.randrange(len(content))
            content[at : at + 4] = chance.randbytes(4)
        (tmp_path / file.name).write_bytes(bytes(content))
        reconciled(tmp_path / file.name)


@pytest.mark.parametrize("at", ["Stage", "Amount", "Created Date", "Opportunity ID", "Region"])
def test_nonsense_in_a_column_is_counted(at, tmp_path):
    for nonsense in ("", "=1+1", "99999999999999999999", "1e999", "31.02.2025"):
        table = DEALS.copy()
        table.loc[1, at] = nonsense
        file = io.StringIO()
        table.to_csv(file, index=False)
        (tmp_path / "deals.csv").write_text(file.getvalue(), "utf-8")
        log = reconciled(tmp_path / "deals.csv")
        assert log is None or log.quality.rows_read == len(DEALS), nonsense
