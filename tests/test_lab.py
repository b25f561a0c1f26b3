"""Each client's work lies in a place of its own, and no notebook puts another's log into it."""

import nbformat
import pytest

import l2c
from l2c.lab import SERIES, at_hand, has_org, keep, localised, org_of, settle
from l2c.system.places import NOTEBOOKS
from l2c.words.errors import L2CError, UnreadableLog
from tests.logs import from_text


def test_the_demo_is_written_into_an_empty_place_only_and_said(tmp_path, capsys):
    assert at_hand(tmp_path / "out" / "log", tmp_path / "out").n_cases == 5000
    assert "demo company" in capsys.readouterr().err
    # Once something is there, it is what is opened.
    assert at_hand(tmp_path / "out" / "log", tmp_path / "out").origin.demo == (5000, 7)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("")
    with pytest.raises(UnreadableLog, match="no demo company is written there"):
        at_hand(tmp_path / "mine" / "log", tmp_path / "mine")
    with pytest.raises(L2CError, match="does not exist"):
        at_hand(tmp_path / "mine.csv", tmp_path / "out")


def test_the_log_of_one_client_is_never_replaced_by_that_of_another(tmp_path):
    acme, zeta = from_text("a: X 0, Y 1"), from_text("z: X 0, Y 1")
    keep(acme, tmp_path)
    keep(acme, tmp_path)
    with pytest.raises(UnreadableLog, match="is the log of other data"):
        keep(zeta, tmp_path)
    assert l2c.open(tmp_path / "log").base.id == acme.base.id


def test_a_place_to_work_in_opens_on_the_log_and_shows_nothing_of_the_demo(tmp_path):
    log = from_text("\n".join(f"c{n} [region=R]: X 0, Y {n + 1}" for n in range(9)))
    place = settle(log, tmp_path / "acme")
    assert l2c.open(place / "out" / "log").n_cases == 9
    for name in (*SERIES, "dashboard"):
        notebook = nbformat.read(place / f"{name}.ipynb", as_version=4)
        assert all(not cell.outputs for cell in notebook.cells if cell.cell_type == "code")
    # What somebody wrote into a notebook stays; the log of somebody else is refused.
    (place / "report.ipynb").write_text("mine")
    settle(log, place)
    assert (place / "report.ipynb").read_text() == "mine"
    with pytest.raises(UnreadableLog):
        settle(from_text("z: X 0"), place)


def test_notebooks_open_in_japanese_from_the_same_source():
    for name in SERIES:
        source = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
        japanese = localised(source, "ja")
        assert len(japanese.cells) == len(source.cells)
        for cell, other in zip(source.cells, japanese.cells, strict=True):
            if cell.cell_type == "markdown":
                assert other.source == cell.metadata["ja"] != cell.source
            elif "parameters" in cell.metadata.get("tags", []):
                values, told = {}, {}
                exec(cell.source, {}, values)
                exec(other.source, {}, told)
                assert told == values | {"lang": "ja"}
                assert any(ord(sign) > 0x3000 for sign in other.source)
            else:
                assert other.source == cell.source


def test_records_of_an_org_are_shown_of_the_log_itself_or_of_the_whole_demo_only(tmp_path):
    plain = from_text("a: X 0, Y 1")
    assert not has_org(plain) and org_of(plain) is plain
    demo = l2c.demo(50)
    org = org_of(demo)
    assert has_org(demo) and len(org.quality.objects) and org.n_cases == 50
    part = l2c.open(demo.where(region=demo.distinct("region")[0]).save(tmp_path / "part"))
    assert not has_org(part)
    # Its own records, where it has them.
    assert has_org(org) and org_of(org) is org


def test_the_demo_is_known_by_its_content_alone(tmp_path):
    from l2c.demo import write

    write(tmp_path / "demo", 40, 3)
    assert l2c.read(tmp_path / "demo" / "demo_log.csv").origin.demo == (40, 3)
    assert l2c.read(tmp_path / "demo" / "salesforce").origin.demo == (40, 3)
    other = tmp_path / "demo" / "acme.csv"
    other.write_text("Case ID,Activity,Timestamp\na,Quote Sent,2025-01-01\n")
    assert l2c.read(other).origin.demo is None
    text = (tmp_path / "demo" / "demo_log.csv").read_text()
    (tmp_path / "demo" / "demo_log.csv").write_text(text.replace("Quote Sent", "Offer", 1))
    assert l2c.read(tmp_path / "demo" / "demo_log.csv").origin.demo is None
