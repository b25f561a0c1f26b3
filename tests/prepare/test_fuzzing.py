"""Damaged files: whatever is done to a file, its log is reconciled, or a sentence says why there is none."""

import gzip
import io
import random
import zipfile
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest
from openpyxl import Workbook

from l2c.prepare.read import read
from l2c.words.errors import L2CError

KINDS = (
    "log.csv",
    "deals.csv",
    "log.xlsx",
    "log.xes",
    "org.zip",
    "log.csv.gz",
    "log.parquet",
    "parts.xlsx",
    "parts.zip",
)
FEW, FILES, SEED = 150, 500, 14
ROWS = [
    (f"D{n // 4}", ("Opportunity Created", "Quote Sent", "Quote Accepted", "Closed Won")[n % 4], datetime(2025, 1, 1 + n), 9.5 * n)
    for n in range(12)
]  # fmt: skip
HEAD = ("Opportunity ID", "Activity", "Timestamp", "Amount")


def csv() -> bytes:
    return "\n".join(",".join(map(str, row)) for row in [HEAD, *ROWS]).encode()


def deals() -> bytes:
    head = "商談ID;ステージ;作成日;完了予定日;金額\n"
    return (head + '甲;Closed Won;2025/1/5;2025/2/1;"1,234,000"\n乙;Closed Lost;2025/1/6;2025/2/2;5\n').encode("cp932")


def xlsx() -> bytes:
    book = Workbook()
    for row in [HEAD, *ROWS]:
        book.active.append(row)
    book.create_sheet("Notes").append(["nothing"])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def xes() -> bytes:
    event = '<event><string key="concept:name" value="{}"/><date key="time:timestamp" value="{:%Y-%m-%dT%H:%M:%S}"/></event>'
    case = '<trace><string key="concept:name" value="D{}"/>{}</trace>'
    cases = [case.format(n, "".join(event.format(*row[1:3]) for row in ROWS[4 * n : 4 * n + 4])) for n in range(3)]
    return f'<?xml version="1.0" encoding="UTF-8"?><log xes.version="1.0">{"".join(cases)}</log>'.encode()


def objects() -> bytes:
    parts = {
        "Opportunity.csv": "Id,Name,StageName,CreatedDate,CloseDate,Amount,IsWon,IsClosed\n"
        + "".join(f"006A0000000{n}AAAQAA,Deal {n},Closed Won,2025-01-0{n},2025-02-0{n},{n}00,true,true\n" for n in range(1, 5)),
        "OpportunityHistory.csv": "Id,OpportunityId,StageName,CreatedDate\n"
        + "".join(f"008A0000000{n}AAAQAA,006A0000000{n}AAAQAA,Proposal,2025-01-1{n}T10:00:00Z\n" for n in range(1, 5)),
    }  # fmt: skip
    return zipped({name: text.encode() for name, text in parts.items()})


def parquet() -> bytes:
    file = io.BytesIO()
    pl.DataFrame(ROWS, schema=HEAD, orient="row").write_parquet(file)
    return file.getvalue()


def zipped(parts: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def mutated(data: bytes, chance: random.Random) -> bytes:
    """Flip, cut off, insert, repeat, take out or overwrite some bytes."""
    out = bytearray(data)
    for _ in range(chance.choice([1, 1, 2, 5, 20])):
        at, length = chance.randrange(len(out) + 1), chance.choice([1, 1, 4, 30])
        way = chance.randrange(7)
        if way == 0 and out:
            out[at % len(out)] ^= 1 << chance.randrange(8)
        elif way == 1 and chance.random() < 0.3:
            del out[at:]
        elif way == 2:
            out[at:at] = chance.randbytes(length)
        elif way == 3:
            out[at:at] = out[at : at + length]
        elif way == 4:
            del out[at : at + length]
        elif way == 5:
            out[at : at + length] = chance.choice([b"\0", b"\xff", b'"', b"\n", b"<", b"9", b"-", b","]) * length
        else:
            at = chance.randrange(len(out) + 1)
            out[at : at + 4] = chance.choice(
                [b"\xff\xff\xff\x7f", b"\0\0\0\0", b"9999999999", "㍻".encode(), b"\xed\xb3\xa9"]
            )
    return bytes(out)


def damaged(kind: str, seed: int) -> bytes:
    """One damaged file; where the kind is packed, either its bytes or those of a part within are damaged."""
    chance = random.Random(f"{kind} {seed}")
    if kind == "log.csv.gz":
        return mutated(gzip.compress(csv()), chance) if chance.random() < 0.3 else gzip.compress(mutated(csv(), chance))
    if not kind.startswith("parts"):
        whole = {
            "log.csv": csv,
            "deals.csv": deals,
            "log.xlsx": xlsx,
            "log.xes": xes,
            "org.zip": objects,
            "log.parquet": parquet,
        }
        return mutated(whole[kind](), chance)
    with zipfile.ZipFile(io.BytesIO(xlsx() if kind == "parts.xlsx" else objects())) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for name in chance.sample(sorted(parts), 1 if chance.random() < 0.7 else 2):
        parts[name] = mutated(parts[name], chance)
    return zipped(parts)


def outcome(path: Path) -> str:
    """How reading ends: a log whose rows are all accounted for, or a sentence."""
    try:
        quality = read(path).quality
    except L2CError as error:
        assert "\n" not in str(error) and len(str(error)) < 600
        assert path.name.split(".")[0] in str(error) or "part" in str(error) or "Opportunity" in str(error), str(error)
        return "refused"
    assert quality.rows_read == quality.rows_used + sum(quality.reasons.values())
    assert len(quality.quarantine) == sum(quality.reasons.values())
    assert list(quality.findings) == ["finding", "detail", "count", "of"]
    return "read"


@pytest.mark.parametrize(
    "numbers",
    [range(FEW), pytest.param(range(FEW, FILES), marks=pytest.mark.thorough("more than twice as many damaged files"))],
    ids=["few", "the others"],
)
@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_file_gives_a_reconciled_log_or_a_sentence(tmp_path, kind, numbers):
    path = tmp_path / kind
    path.write_bytes(damaged(kind, -1))
    ended = set()
    for number in numbers[KINDS.index(kind) :: len(KINDS)]:
        path.write_bytes(damaged(kind, SEED * FILES + number))
        ended.add(outcome(path))
    # Damage does some harm, and not always the worst.
    assert "refused" in ended


@pytest.mark.parametrize("kind", [kind for kind in KINDS if not kind.startswith("parts")])
def test_the_files_that_are_damaged_are_sound_before(tmp_path, kind):
    whole = {
        "log.csv": csv,
        "deals.csv": deals,
        "log.xlsx": xlsx,
        "log.xes": xes,
        "org.zip": objects,
        "log.parquet": parquet,
    }
    path = tmp_path / kind
    path.write_bytes(gzip.compress(csv()) if kind == "log.csv.gz" else whole[kind]())
    assert outcome(path) == "read"
