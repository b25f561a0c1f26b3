"""What is said of a source is used, or refused with the line that is wrong."""

import datetime as dt
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import l2c
from l2c.cli import main
from l2c.prepare import options
from l2c.words.errors import AmbiguousDates, BadMapping, BadOption, BadTimeZone, ColumnsNotFound, L2CError
from tests.prepare.test_read import LONG, write

ORG = {
    "Opportunity": "Id,CreatedDate,StageName\n006000000000001,2025-01-01T08:00:00Z,Qualify\n",
    "Account": "Id,Name\n001000000000001,Acme\n",
}
ALL = {
    "mapping": "case_id=Case ID", "time_zone": "Asia/Tokyo", "date_format": "dmy", "extracted": "2026-06-30",
    "history_start": "2024-01-01", "currency": "EUR",
}  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "export"
    place.mkdir()
    for name, text in ORG.items():
        (place / f"{name}.csv").write_text(text)
    return place


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("2026-06-30", dt.datetime(2026, 6, 30)), ("30.06.2026", dt.datetime(2026, 6, 30)), ("2026/06/30", dt.datetime(2026, 6, 30)),
        ("2026/6/30 18:00", dt.datetime(2026, 6, 30, 18)), ("令和8年6月30日", dt.datetime(2026, 6, 30)), ("R8.6.30", dt.datetime(2026, 6, 30)),
        ("30 June 2026", dt.datetime(2026, 6, 30)), ("Jun 30, 2026", dt.datetime(2026, 6, 30)), ("20260630", dt.datetime(2026, 6, 30)),
        ("2026年6月30日", dt.datetime(2026, 6, 30)), ("30/06/2026", dt.datetime(2026, 6, 30)), ("6/30/2026", dt.datetime(2026, 6, 30)),
        ("2026-06-30T18:00:00+09:00", dt.datetime(2026, 6, 30, 9)), ("2026-06-30 18:00 Z", dt.datetime(2026, 6, 30, 18)),
        (" 2026-06-30 ", dt.datetime(2026, 6, 30)), ("２０２６/０６/３０", dt.datetime(2026, 6, 30)), ("7/7/2026", dt.datetime(2026, 7, 7)),
        (dt.date(2026, 6, 30), dt.datetime(2026, 6, 30)), (dt.datetime(2026, 6, 30, 18), dt.datetime(2026, 6, 30, 18)),
        (pd.Timestamp("2026-06-30 18:00", tz="Asia/Tokyo"), dt.datetime(2026, 6, 30, 9)), (np.datetime64("2026-06-30"), dt.datetime(2026, 6, 30)),
    ],
)  # fmt: skip
def test_a_date_takes_every_form_of_the_reader(said, found):
    assert options.moments(said, None, "UTC", None) == (found, None)
    assert options.moments(None, said, "UTC", None) == (None, found)


def test_a_date_is_read_as_the_source_is():
    assert options.moments("2026-06-30 18:00", None, "Asia/Tokyo", None)[0] == dt.datetime(2026, 6, 30, 9)
    assert options.moments("2026-06-30", None, "Asia/Tokyo", None)[0] == dt.datetime(2026, 6, 30)
    assert options.moments("1/2/2026", None, "UTC", "dmy")[0] == dt.datetime(2026, 2, 1)
    assert options.moments("1/2/2026", None, "UTC", "mdy")[0] == dt.datetime(2026, 1, 2)


@pytest.mark.parametrize(
    "said",
    ["soon", "2026-13-01", "2026-02-30", "", " ", "2026", "令和", "31.02.2026", 7, 1.5, True, pd.NaT, [], object()],
)
def test_what_is_no_date_is_refused(said, tmp_path):
    for option in ("extracted", "history_start"):
        with pytest.raises(BadOption, match=f"{option}=.* is not a date"):
            l2c.read(write(tmp_path, LONG), **{option: said})


def test_a_date_with_two_meanings_is_asked_about(tmp_path, capsys):
    path = write(tmp_path, LONG)
    with pytest.raises(BadOption, match="could be day-month or month-day"):
        l2c.read(path, extracted="1/2/2026")
    assert main(["read", str(path), "-o", str(tmp_path / "log"), "--extracted", "01.02.2026"]) == 0
    assert main(["read", str(path), "-o", str(tmp_path / "log"), "--history-start", "2/1/2024"]) == 1
    assert "could be day-month" in capsys.readouterr().err
    with pytest.raises(BadOption, match="after the data were taken"):
        l2c.read(path, extracted="2025-06-30", history_start="2025-07-01")
    assert issubclass(AmbiguousDates, L2CError)


@pytest.mark.parametrize("option", list(ALL))
def test_a_saved_log_has_no_use_for_options(option, tmp_path, capsys):
    saved = l2c.read(write(tmp_path, LONG)).save(tmp_path / "log")
    with pytest.raises(BadOption, match=f"{option} was given, but a saved log has no use for it"):
        l2c.read(saved, **{option: ALL[option]})
    flag = "--map" if option == "mapping" else f"--{option.replace('_', '-')}"
    for command in (
        ["analyse", str(saved), "--json", "-"],
        ["read", str(saved), "-o", str(tmp_path / "x")],
        ["dashboard", str(saved)],
        ["dashboard"],
        ["lab"],
    ):
        if command == ["dashboard"] and (Path(l2c.__file__).parents[1] / "notebooks/out/log/log.json").exists():
            continue
        assert main([*command, flag, ALL[option]]) == 1
        assert "has no use for it" in capsys.readouterr().err


def test_every_unused_option_is_named(tmp_path):
    saved = l2c.read(write(tmp_path, LONG)).save(tmp_path / "log")
    with pytest.raises(
        BadOption, match="mapping, time_zone, date_format, extracted, history_start, currency were given"
    ):
        l2c.read(saved, **ALL)


@pytest.mark.parametrize(
    ("source", "option"),
    [
        ("salesforce:x", "time_zone"),
        ("salesforce:x", "date_format"),
        ("salesforce:x", "extracted"),
        ("sqlite:///x.db", "date_format"),
    ],
)
def test_other_sources_refuse_what_they_do_not_use(source, option, folder):
    with pytest.raises(BadOption, match=f"{option} was given"):
        l2c.read(folder if source == "folder" else source, **{option: ALL[option]})


def test_options_that_are_used_are_taken(folder, tmp_path):
    log = l2c.read(
        folder,
        date_format="dmy",
        time_zone="Asia/Tokyo",
        extracted="30.06.2026",
        history_start="2024/07/01",
        currency="eur",
    )
    assert (log.extracted, log.history_start, log.currency) == (
        dt.datetime(2026, 6, 30),
        dt.datetime(2024, 7, 1),
        "EUR",
    )
    with pytest.raises(BadOption, match="path was given"):
        l2c.read(write(tmp_path, LONG), "x.parquet")


@pytest.mark.parametrize("form", ["foo", "%Q", "%", "%H:%M", "%d.%m.%Y %", "%%", "%Y-%K-%d"])
def test_a_form_of_dates_is_one(form, tmp_path):
    with pytest.raises(BadOption, match="is not a form of dates"):
        l2c.read(write(tmp_path, LONG), date_format=form)


@pytest.mark.parametrize("option", ["date_format", "time_zone", "currency"])
@pytest.mark.parametrize("value", [5, ["dmy"], "", True])
def test_an_option_of_another_kind_is_refused(option, value):
    with pytest.raises((BadOption, BadTimeZone)):
        options.checked(**{option: value})


def test_a_zone_exists_before_anything_is_read(tmp_path, folder):
    for source in (write(tmp_path, LONG), folder):
        with pytest.raises(BadTimeZone):
            l2c.read(source, time_zone="Tokio")


COLUMNS = [
    (b"", "no sections"), (b"# nothing\n", "no sections"), (b"- a\n- b\n", "no sections"), (b"just text\n", "no sections"), (b"7\n", "no sections"),
    (b"a: [1\nb: 2\n", "line 2.* cannot be read as YAML"), (b"columns:\n  case_id: a: b\n", "line 2.* cannot be read"),
    (b"columns:\n\tcase_id: x\n", "line 2.* cannot be read"), (bytes(range(256)), "cannot be read as YAML"), (b"PK\x03\x04\x00\x00", "cannot be read"),
    ("columns: {case_id: 商談}\n".encode("cp932"), "cannot be read as YAML"), (b"a: 1\n---\nb: 2\n", "line 2.* cannot be read"),
    (b"x: !!python/object/apply:os.system ['true']\n", "line 1.* cannot be read"), (b"version: 1\ncolums: {}\n", "line 2 says colums"),
    (b"version: 1\nobjcts: {}\n", "line 2 says objcts"), (b"version: 1\n7: x\n", "line 2 says 7"), (b"? [a, b]\n: c\n", "line 1.* cannot be read"),
    (b"columns: [a, b]\n", "line 1: columns holds"), (b"columns:\n  case_id:\n", "line 2: case_id holds nothing"),
    (b"columns:\n  case_id: [a]\n", "line 2: case_id holds"), (b"columns:\n  case_id: {a: b}\n", "line 2: case_id holds"),
    (b"columns:\n  case_id: a\n  case_id: b\n", "line 3.* said twice"),(b"columns:\n  events: Case ID\n", "line 2: a log makes its column events itself"), (b"version: 1\ncurrency: EURO\n", "line 2: 'EURO' is not a currency"),
    (b"version: 1\ntime_zone: Tokio\n", "line 2: 'Tokio' is not a time zone"), (b"version: 1\ndate_format: foo\n", "line 2: 'foo' is not a form"),
    (b"activities: text\n", "line 1: activities holds"), (b"dates: 7\n", "line 1: dates holds"), (b"a: &x [*x]\n", "cannot be read|says a"),
    (b"[" * 3000, "cannot be read"), (b"a:\n" + b"".join(b" " * n + b"a:\n" for n in range(1, 40)), "nested too deeply"),
]  # fmt: skip
RULE = b"objects: {Lead: {}}\nactivities:\n- activity: X\n  object: Lead\n  time: CreatedDate\n"
OBJECTS = [
    (RULE + b"  unless: Y\n", "line 6: unless holds 'Y'"), (RULE + b"  instead_of: Led\n", "line 6: instead_of holds 'Led'"),
    (RULE + b"  when: {target: [Lead, Quot]}\n", "line 6: target holds 'Quot'"), (RULE + b"  with: {amount: Amount}\n", "line 6 says amount"),
    (RULE + b"  when: {target: {not: [Lead]}}\n", "line 6: target holds"), (b"objects:\n  Lead: {pays: {of: X}}\n", "line 2: pays lacks amount"),
    (b"objects: {Lead: {}}\n", "makes no activity"), (b"objects: {Lead: {}}\nactivities:\n", "line 2 makes no activity"),
    (b"objects: [a]\n", "line 1: objects holds"), (b"objects:\n  Opportunity: {}\n  Lead: {reaches: []}\n", "line 3 says reaches"),
    (b"objects:\n  Opportunity: text\n", "line 2: Opportunity holds 'text'"), (b"objects:\n  Quote:\n    reach: 7\n", "line 3: reach holds 7"),
    (b"objects:\n  Quote:\n    snapshot: maybe\n", "line 3: snapshot holds 'maybe', and should be true or false"),
    (b"objects: {Lead: {}}\nactivities: {a: b}\n", "line 2: activities holds"), (b"objects: {Lead: {}}\nactivities:\n- text\n", "line 3.*It needs `activity`"),
    (b"objects: {Lead: {}}\nactivities:\n- {activity: X, object: Lead}\n", "line 3.*It needs `activity`"),
    (b"objects: {Lead: {}}\nactivities:\n- {activity: X, object: Led, time: CreatedDate}\n", "line 3 makes X of the object Led"),
    (b"objects: {Lead: {}}\nactivities:\n- activity: X\n  object: Lead\n  time: CreatedDate\n  wen: {}\n", "line 6 says wen"),
    (b"objects: {Lead: {}}\nactivities:\n- activity: X\n  object: Lead\n  time: 7\n", "line 5: time holds 7"),
    (b"objects: {Lead: {}}\nactivities:\n- activity: X\n  object: Lead\n  time: [CreatedDate, {}]\n", "line 5: time holds"),
    (b"objects: {Lead: {}}\nactivities:\n- activity: X\n  object: Lead\n  time: CreatedDate\n  when: text\n", "line 6: when holds"),
    (b"objects: {Lead: {}}\nactivities:\n- activity: X\n  object: Lead\n  time: CreatedDate\n  when: {Status: {nicht: a}}\n", "line 6: Status holds"),
    (b"objects: {Lead: {}}\nactivities:\n- activity: X\n  object: Lead\n  time: CreatedDate\n  when: {stage: wonn}\n", "line 6: stage holds 'wonn'"),
    (b"objects: {Lead: {}}\nattributes:\n  rep: Owner.Name\n", "line 3: rep holds"),
    (b"objects: {Lead: {}}\nattributes:\n  rep:\n  - {Oportunity: Owner.Name}\n", "line 4.*Oportunity"),
    (b"objects: {Lead: {}}\nlookups: [a]\n", "line 2: lookups holds"), (b"objects: {Lead: {}}\nlines: {object: X}\n", "line 2: lines lacks deal"),
    (b"objects: {Lead: {}}\nquotes:\n- {object: X}\n", "line 3: quotes lacks deal"), (b"objects: {Lead: {}}\nstages: 7\n", "line 2: stages holds 7"),
    (b"objects: {Lead: {}}\nrates: {code: A}\n", "line 2: rates lacks rate"), (b"objects: {Lead: {}}\nlines: {object: X, product: Y}\n", "line 2: product holds"),
    (b"objects: {Lead: {}}\nactivitys: []\n", "line 2 says activitys"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "hint"), COLUMNS)
def test_a_wrong_mapping_is_refused_with_its_line(content, hint, tmp_path, folder):
    file = tmp_path / "my.yaml"
    file.write_bytes(content)
    with pytest.raises(L2CError, match=hint) as caught:
        l2c.read(write(tmp_path, LONG), mapping=file)
    assert str(file) in str(caught.value) and "\n" not in str(caught.value)
    # An export of an org refuses it too, whatever it says.
    with pytest.raises(L2CError, match=r"my\.yaml"):
        l2c.read(folder, mapping=str(file))


@pytest.mark.parametrize(("content", "hint"), OBJECTS)
def test_a_wrong_mapping_of_objects_is_refused_with_its_line(content, hint, tmp_path, folder):
    file = tmp_path / "my.yaml"
    file.write_bytes(content)
    for source in (folder, write(tmp_path, LONG)):
        with pytest.raises(BadMapping, match=hint if source == folder else r"my\.yaml") as caught:
            l2c.read(source, mapping=file)
        assert "\n" not in str(caught.value)


def test_a_mapping_that_is_not_there_is_refused(tmp_path, folder, capsys):
    for source in (folder, write(tmp_path, LONG)):
        for said in (
            "missing.yaml",
            Path("missing.yaml"),
            str(tmp_path),
            tmp_path,
            "x" * 300,
            "a\0b",
            7,
            ["a"],
            "case_id",
            "case_id=",
            "=x",
            "case_id=a,case_id=b",
            "a=" + "x" * 400,
        ):
            with pytest.raises(L2CError) as caught:
                l2c.read(source, mapping=said)
            assert "\n" not in str(caught.value)
        assert main(["read", str(source), "-o", str(tmp_path / "log"), "--map", "missing.yaml"]) == 1
        assert "There is no mapping file missing.yaml" in capsys.readouterr().err


def test_the_kind_of_mapping_fits_the_kind_of_source(tmp_path, folder):
    with pytest.raises(BadMapping, match="says what columns mean, but the source holds the objects"):
        l2c.read(folder, mapping="case_id=Deal")
    shipped = Path(l2c.__file__).with_name("prepare") / "salesforce" / "mapping.yaml"
    with pytest.raises(BadMapping, match="says how the objects of an org become events"):
        l2c.read(write(tmp_path, LONG), mapping=shipped)
    assert l2c.read(folder, mapping=shipped).n_cases == 1


def test_a_header_that_is_not_there_is_told_with_its_line(tmp_path):
    file = tmp_path / "my.yaml"
    file.write_text("version: 1\ncolumns:\n  case_id: Deel\n")
    with pytest.raises(ColumnsNotFound, match=r"my.yaml, line 3: .* has no column 'Deel'"):
        l2c.read(write(tmp_path, LONG), mapping=file)


def test_words_of_a_mapping_stay_as_they_are_written(tmp_path):
    file = tmp_path / "my.yaml"
    source = write(tmp_path, "No,1.10,2025-01-01\nD1,yes,2025-02-03\n")
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        file.write_bytes(
            "columns:\n  case_id: No\n  activity: 1.10\n  time: 2025-01-01\nactivities: {yes: Quote Sent}\n".encode(
                encoding
            )
        )
        assert l2c.read(source, mapping=file).activities == ("Quote Sent",)
    shutil.rmtree(tmp_path, ignore_errors=True)
