"""Files of every kind, in folders and archives: read, or named with the way out; none vanishes."""

import bz2
import gzip
import io
import lzma
import os
import tarfile
import zipfile

import pandas as pd
import polars as pl
import pyarrow
import pytest

from l2c import engine
from l2c.prepare import archives, containers, folders, formats, kinds
from l2c.prepare.read import read
from l2c.words.errors import L2CError, NothingToRead

LOG = "Case ID,Activity,Timestamp\na,Quote Sent,2025-01-01\na,Closed Won,2025-01-02\n"
DEALS = "Id,StageName,CreatedDate\n006A00000000001,Closed Won,2025-01-01\n"
HISTORY = "Id,OpportunityId,StageName,CreatedDate\n008A00000000001,006A00000000001,Closed Won,2025-01-01\n"


def of(case):
    return LOG.replace("\na,", f"\n{case},")


def cases(log):
    return sorted(engine.collect(log.cases)["case_id"])


def notes(log):
    return "\n".join(str(note) for note in log.quality.notes)


def write(folder, files):
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def packed(files):
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return whole.getvalue()


def tarred(files, mode=""):
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode=f"w:{mode}") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content.encode()))
    return whole.getvalue()


def ole(stream):
    return b"\xd0\xcf\x11\xe0" + bytes(600) + stream.encode("utf-16-le")


def book():
    whole = io.BytesIO()
    pd.DataFrame({"Case ID": ["x"], "Activity": ["Quote Sent"], "Timestamp": ["2025-01-01"]}).to_excel(
        whole, index=False
    )
    return whole.getvalue()


@pytest.mark.parametrize(
    ("files", "met"),
    [
        ({"2025-01/log.csv": of("a"), "2025-02/log.csv": of("b")}, ["a", "b"]),
        ({"now.csv": of("a"), "archive/2024.csv": of("b")}, ["a", "b"]),
        ({"a/b/c/deep.tsv": of("a").replace(",", "\t"), "x.csv": of("b")}, ["a", "b"]),
        ({"日本/一月.csv": of("a"), "日本/二月.csv": of("b")}, ["a", "b"]),
        ({"part-00000": of("a"), "000000_0": of("b"), "part-00001-5f.c000": of("c")}, ["a", "b"]),
        ({"year.csv/part-0.csv": of("a"), "year.csv/part-1.csv": of("b")}, ["a", "b"]),
    ],
)
def test_folders_in_a_folder_are_read(tmp_path, files, met):
    assert cases(read(write(tmp_path, files))) == met


def test_rows_say_which_folder_they_come_from(tmp_path):
    log = read(write(tmp_path, {"2025-01/log.csv": of("a"), "2025-02/log.csv": of("b")}))
    assert set(engine.collect(log.events)["source"]) == {"2025-01/log.csv", "2025-02/log.csv"}


LEFT_BEHIND = [
    "~$log.xlsx", "._log.csv", ".DS_Store", "Thumbs.db", "desktop.ini", ".~lock.log.csv#", "_SUCCESS", "log.csv.crc",
    ".hidden.csv", "__MACOSX/x.csv", "a/~$log.xlsx", "_metadata", "x.sqlite-wal",
]  # fmt: skip


@pytest.mark.parametrize("name", LEFT_BEHIND)
def test_what_programs_leave_behind_is_passed_over_by_name(tmp_path, name):
    log = read(write(tmp_path, {"log.csv": LOG, name: b"\x0bAnn Example"}))
    shown = "__MACOSX/" if name.startswith("__MACOSX") else name
    assert cases(log) == ["a"]
    assert f"passed over as files of the system or of other programs (1): {shown}" in notes(log)


@pytest.mark.parametrize("name", LEFT_BEHIND)
def test_what_programs_leave_behind_does_not_stop_an_org(tmp_path, name):
    log = read(write(tmp_path, {"Opportunity.csv": DEALS, "OpportunityHistory.csv": HISTORY, name: b"\x0bAnn"}))
    assert log.n_cases == 1
    assert name.partition("/x")[0] in notes(log)


@pytest.mark.parametrize("name", ["report.pdf", "notes.md", "a/chart.png", "data.bin", "mail.eml", "deck.pptx"])
def test_files_of_unread_kinds_are_named(tmp_path, name):
    log = read(write(tmp_path, {"log.csv": LOG, name: "whatever"}))
    assert cases(log) == ["a"]
    assert f"left out as files of a kind that is not read (1): {name}" in notes(log)


def test_many_files_are_counted_and_some_named():
    names = [f"{n}.pdf" for n in range(30)]
    (note,) = folders.sorted_out((name, None) for name in names).notes("all.zip")
    assert "(30)" in str(note) and "all.zip/19.pdf" in str(note) and "all.zip/20.pdf" not in str(note)


def test_what_is_called_like_a_table_and_is_none_is_named_beside_others(tmp_path):
    page = "<html><title>Login | Salesforce</title><form><input type=password></form></html>"
    files = {"log.csv": LOG, "a.csv": b"%PDF-1.7", "b.csv": page, "empty.csv": "", "config.json": '{"a": 1}'} | {
        "package.xml": "<?xml version='1.0'?><Package/>",
        "cache.db": bytes(range(256)),
    }
    said = notes(read(write(tmp_path, files)))
    for words in (
        "a.csv was left out: it holds no table (PDF)",
        "b.csv was left out",
        "empty.csv is empty",
        "config.json was left",
        "package.xml was left out: it holds no table (XML)",
        "cache.db was left out",
    ):
        assert words in said


def test_a_folder_without_data_says_what_it_holds(tmp_path):
    with pytest.raises(L2CError, match=r"holds no file that can be read; it holds x\.pdf, \.DS_Store"):
        read(write(tmp_path, {"x.pdf": "x", ".DS_Store": "x"}))


def test_a_saved_log_in_the_folder_is_not_read_again(tmp_path):
    read(write(tmp_path, {"log.csv": LOG})).save(tmp_path / "saved")
    again = read(tmp_path)
    assert again.quality.rows_read == 2 and "saved/" in notes(again)


@pytest.mark.skipif(os.name != "posix", reason="links need rights on Windows")
def test_a_link_to_a_folder_above_does_not_go_round(tmp_path):
    write(tmp_path, {"log.csv": LOG, "in/x.csv": of("b")})
    (tmp_path / "in" / "up").symlink_to("..")
    assert cases(read(tmp_path)) == ["a", "b"]


@pytest.mark.parametrize(
    ("name", "lake"),
    [("_delta_log/0.json", "Delta Lake"), (".hoodie/x", "Hudi"), ("metadata/v1.metadata.json", "Iceberg")],
)
def test_a_table_of_a_lake_is_refused_since_it_keeps_old_rows(tmp_path, name, lake):
    with pytest.raises(L2CError, match=lake):
        read(write(tmp_path, {"part-0.csv": LOG, name: "{}"}))


def test_folders_that_name_a_value_are_columns(tmp_path):
    for year, region in (("2024", "EMEA%20x"), ("2025", "__HIVE_DEFAULT_PARTITION__")):
        folder = tmp_path / f"year={year}" / f"region={region}"
        folder.mkdir(parents=True)
        rows = {"Case ID": [year], "Activity": ["Quote Sent"], "Timestamp": ["2025-01-01"]}
        pl.DataFrame(rows).write_parquet(folder / "part-0.parquet")
        (folder / ".part-0.parquet.crc").write_bytes(b"x")
    found = engine.collect(read(write(tmp_path, {"_SUCCESS": ""})).cases).set_index("case_id")
    assert found["year"].to_dict() == {"2024": "2024", "2025": "2025"}
    assert found.loc["2024", "region"] == "EMEA x" and pd.isna(found.loc["2025", "region"])


def test_a_column_of_the_file_wins_over_the_folder(tmp_path):
    write(
        tmp_path,
        {"region=EMEA/log.csv": LOG.replace("Timestamp", "Timestamp,region").replace("-01-01\n", "-01-01,APAC\n")},
    )
    (table,) = formats.tables(tmp_path)
    assert table.frame["region"].to_list() == ["APAC", None]
    assert folders.partitioned(table, "x.csv") is table


ARCHIVES = {
    "one csv": packed({"crm-exports-all-deals.csv": LOG}),
    "folders": packed({"export/2025/log.csv": LOG, "export/readme.md": "x"}),
    "from a Mac": packed({"log.csv": LOG, "__MACOSX/._log.csv": b"\0\5\x16\7", "x/.DS_Store": "1"}),
    "a zip in it": packed({"inner.zip": packed({"log.csv": LOG})}),
    "Japanese names": packed({"商談.csv": LOG}),
    "gzip in it": packed({"log.csv.gz": gzip.compress(LOG.encode())}),
    "gzip": gzip.compress(LOG.encode()),
    "bzip2": bz2.compress(LOG.encode()),
    "xz": lzma.compress(LOG.encode()),
    "zstd": pyarrow.compress(LOG.encode(), "zstd", asbytes=True),
    "tar": tarred({"x/log.csv": LOG, "x/._log.csv": "x"}),
    "tar.gz": tarred({"./log.csv": LOG}, "gz"),
    "tar.bz2": tarred({"log.csv": LOG}, "bz2"),
    "tar.xz": tarred({"log.csv": LOG}, "xz"),
}


@pytest.mark.parametrize("name", ARCHIVES)
@pytest.mark.parametrize("called", ["data.zip", "data.csv", "data"])
def test_what_is_packed_is_read_whatever_it_is_called(tmp_path, name, called):
    log = read(write(tmp_path, {called: ARCHIVES[name]}) / called)
    assert (cases(log), log.quality.rows_read) == (["a"], 2)


def test_workbooks_and_objects_in_archives(tmp_path):
    assert cases(read(write(tmp_path, {"a.zip": packed({"in/book.xlsx": book()})}) / "a.zip")) == ["x"]
    assert cases(read(write(tmp_path, {"a.xlsx.gz": gzip.compress(book())}) / "a.xlsx.gz")) == ["x"]
    org = packed({"e/Opportunity.csv": DEALS, "e/OpportunityHistory.csv": HISTORY, "__MACOSX/e/._Opportunity.csv": "x"})
    tar = tarred({"e/Opportunity.csv": DEALS, "e/OpportunityHistory.csv": HISTORY}, "gz")
    assert read(write(tmp_path, {"org.tar.gz": tar}) / "org.tar.gz").quality.rows_read == 2
    log = read(write(tmp_path, {"org.zip": org}) / "org.zip")
    assert (log.n_cases, log.quality.rows_read) == (1, 2)
    assert "org.zip/__MACOSX/e/._Opportunity.csv" in notes(log)


def test_an_archive_beside_tables_is_read_or_named(tmp_path):
    assert cases(read(write(tmp_path, {"log.csv": of("q"), "jan.zip": packed({"log.csv": LOG})}))) == ["a", "q"]
    log = read(write(tmp_path, {"jan.zip": locked()}))
    assert cases(log) == ["q"] and "jan.zip was left out: it cannot be opened" in notes(log)


def locked():
    data = bytearray(packed({"log.csv": LOG}))
    data[6] |= 1
    data[data.find(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def test_members_that_lead_out_of_an_archive_stay_in(tmp_path):
    (tmp_path / "deep").mkdir()
    for name, data in (("a.zip", packed({"../../evil.csv": LOG})), ("a.tar", tarred({"../../evil.csv": LOG}))):
        assert cases(read(write(tmp_path / "deep", {name: data}) / name)) == ["a"]
    assert [each.name for each in tmp_path.iterdir()] == ["deep"]


def test_names_of_a_zip_from_windows_in_japan(tmp_path):
    data = packed({"aaaa.csv": LOG}).replace(b"aaaa.csv", "商談".encode("cp932") + b".csv")
    (tmp_path / "a.zip").write_bytes(data)
    assert archives.names(tmp_path / "a.zip") == ["商談.csv"]
    assert archives.names(tmp_path / "none.zip") == []
    with archives.opened(tmp_path / "a.zip", "a.zip", kinds.ZIP) as (member,):
        member.copy(tmp_path / "x" / "y")
    assert ((tmp_path / "x" / "y").read_text(), member.size) == (LOG, len(LOG))
    assert archives.may_be(tmp_path / "a.TAR.gz") and not archives.may_be(tmp_path / "a.csv.gz")


def test_a_stream_that_grows_beyond_measure_is_refused(tmp_path):
    (tmp_path / "x.bz2").write_bytes(bz2.compress(bytes(60_000_000)))
    with pytest.raises(L2CError, match="unpacks to far more"):
        containers.unpacked(tmp_path / "x.bz2", "x.bz2", kinds.BZIP2)


REFUSED = {
    "a password": (locked(), "protected by a password"),
    "a protected workbook": (ole("EncryptedPackage"), "protected by a password"),
    "a zip of pictures": (
        packed({"a.png": "x", "b.pdf": "x"}),
        r"without a table or an Excel workbook in it; it holds a\.png, b\.pdf",
    ),
    "three zips": (packed({"a.zip": packed({"b.zip": packed({"c.zip": b"x"})})}), "packed once more"),
    "a zip cut off": (packed({"log.csv": LOG})[:60], "damaged or incomplete"),
    "PDF": (b"%PDF-1.7\n", "is a PDF file, not a table"),
    "PNG": (b"\x89PNG\r\n\x1a\n", "is a PNG file"),
    "JPEG": (b"\xff\xd8\xff\xe0", "is a JPEG file"),
    "RTF": (b"{\\rtf1\\ansi", "is a RTF file"),
    "old Word": (ole("WordDocument"), "is a Word file"),
    "Word": (packed({"[Content_Types].xml": "x", "word/document.xml": "x"}), "is a Word file"),
    "PowerPoint": (packed({"ppt/presentation.xml": "x"}), "is a PowerPoint file"),
    "Power BI": (packed({"DataModel": "x", "[Content_Types].xml": "x"}), "file of Power BI"),
    "Numbers": (packed({"Index/Document.iwa": "x"}), "file of Apple Numbers"),
    "Access": (b"\0\1\0\0Standard ACE DB\0", "file of Microsoft Access"),
    "Outlook": (ole("__substg1.0_001A001F"), "e-mail"),
    "7z": (b"7z\xbc\xaf\x27\x1c\0", "packed as 7z"),
    "RAR": (b"Rar!\x1a\x07", "packed as RAR"),
    "Git LFS": (b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n", "Git LFS"),
    "Avro": (b"Obj\x01\x04", "in the form Avro"),
    "Arrow": (b"ARROW1\0\0", "in the form Arrow"),
    "HDF5": (b"\x89HDF\r\n\x1a\n", "in the form HDF5"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_of_another_kind_is_refused_by_its_true_name(tmp_path, name):
    data, words = REFUSED[name]
    (tmp_path / "export.csv").write_bytes(data)
    with pytest.raises(L2CError, match=words):
        read(tmp_path / "export.csv")


@pytest.mark.parametrize("header", ["BM", "ORC", "RDX", "MM", "PKZ", "GIF"])
def test_a_header_that_begins_like_a_picture_is_a_header(tmp_path, header):
    text = LOG.replace("Case ID", f"{header},Case ID").replace("\na,", "\n1,a,")
    (tmp_path / "log.csv").write_text(text)
    assert cases(read(tmp_path / "log.csv")) == ["a"]
    assert kinds.of(text.encode()) == ""


def test_the_names_in_files_are_told_without_reading_rows(tmp_path):
    write(tmp_path, {"a.zip": packed({"x/Opportunity.csv": DEALS}), "b.csv": LOG, "c.json": '{"Lead": [{"Id": 1}]}'})
    found = formats.names(sorted(tmp_path.iterdir()))
    assert [path.name for path in found] == ["Opportunity.csv", "b.csv", "c.json", "Lead"]


def test_a_file_of_marks_and_blank_lines_is_empty(tmp_path):
    write(tmp_path, {"a.csv": b"\xef\xbb\xbf\r\n", "b.csv": LOG})
    assert formats.is_empty(tmp_path / "a.csv") and not formats.is_empty(tmp_path / "b.csv")


@pytest.mark.parametrize("nothing", ["", "  "])
def test_an_empty_text_is_no_folder(nothing):
    with pytest.raises(NothingToRead, match="neither files nor tables"):
        read(nothing)


@pytest.mark.parametrize(
    "address",
    [
        "https://x.my.site.com/a.csv?sig=SECRET",
        "s3://bucket/key.csv",
        "gs://b/k",
        "abfss://c@a.dfs.core.windows.net/x?SECRET",
        "file:///tmp/x.csv",
        "HTTP://x",
    ],
)
@pytest.mark.parametrize("several", [False, True])
def test_an_address_elsewhere_is_to_be_downloaded_first(address, several):
    with pytest.raises(L2CError, match="Download the file first") as raised:
        read([address] if several else address)
    assert "SECRET" not in str(raised.value)


def test_files_larger_than_memory_lie_in_folders_too(tmp_path, monkeypatch):
    from l2c.prepare import large

    monkeypatch.setattr(large, "LARGE", 1)
    for year in ("2024", "2025"):
        folder = tmp_path / f"year={year}"
        folder.mkdir()
        rows = pl.DataFrame({"case_id": [year], "activity": ["Quote Sent"], "timestamp": ["2025-01-01"]})
        rows.with_columns(pl.col("timestamp").str.to_datetime()).write_parquet(folder / "part-0.parquet")
    log = read(write(tmp_path, {"_SUCCESS": ""}))
    assert sorted(engine.collect(log.cases)["year"]) == [2024, 2025] and "_SUCCESS" in notes(log)
