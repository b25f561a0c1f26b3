"""A saved log is whole or not there, whatever happens while it is written."""

import gc
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import l2c
from l2c import discover, engine
from l2c.errors import EngineTrouble, L2CError, UnreadableLog
from tests.logs import from_text

posix = pytest.mark.skipif(os.name != "posix", reason="needs signals and limits of POSIX")

SAVING = """
import sys, l2c
from l2c.log import EventLog
logs = [l2c.demo(40, seed=seed) for seed in (1, 2)]
print("ready", flush=True)
while True:
    for log in logs:
        log.save(sys.argv[1])
"""
OPENING = """
import sys, l2c
from l2c import discover
log = l2c.open(sys.argv[1])
print(log.n_cases, log.n_events, int(discover.flow(log)["events"].sum()))
"""
LIMITED = """
import resource, signal, sys, l2c
from l2c.errors import L2CError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
log = l2c.demo(400)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    log.save(sys.argv[1])
except L2CError as error:
    print(error)
"""


def run(code, *arguments, **more):
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, **more)


def facts(log):
    return log.n_cases, log.n_events, int(discover.flow(log)["events"].sum())


@posix
def test_killing_a_save_leaves_a_whole_log_or_none(tmp_path):
    target = tmp_path / "log"
    whole = {facts(l2c.demo(40, seed=seed)) for seed in (1, 2)}
    assert len(whole) == 2
    opened = 0
    for pause in (0, 0.005, 0.011, 0.018, 0.026, 0.05):
        command = [sys.executable, "-c", SAVING, str(target)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=tmp_path) as process:
            assert process.stdout.readline() == "ready\n"
            time.sleep(0.05 + pause)
            os.kill(process.pid, signal.SIGKILL)
        try:
            assert facts(l2c.open(target)) in whole
            opened += 1
        except UnreadableLog:
            assert not target.exists()
    assert opened
    # The next save clears away what the killed ones left.
    l2c.demo(40, seed=1).save(target)
    left = [each.name for each in tmp_path.iterdir() if each.name.endswith(".old")]
    assert left == []


def test_a_part_that_was_never_finished_is_no_log(tmp_path):
    folder = from_text("a: X 0, Y 1").save(tmp_path / "log")
    for name in ("events.parquet", "log.json"):
        whole = (folder / name).read_bytes()
        (folder / name).unlink()
        with pytest.raises(UnreadableLog, match=name):
            l2c.open(folder)
        (folder / name).write_bytes(whole)
    assert l2c.open(folder).n_events == 2


def test_a_log_set_aside_by_a_save_that_was_killed_opens(tmp_path):
    folder = from_text("a: X 0, Y 1").save(tmp_path / "log")
    # Killed between the two renames: the old log is out of the way, the new one not in its place yet.
    folder.rename(tmp_path / ".log.4711.old")
    assert l2c.open(folder).n_events == 2
    from_text("b: X 0").save(folder)
    assert l2c.open(folder).n_events == 1
    assert sorted(each.name for each in tmp_path.iterdir()) == ["log"]


def test_two_programs_open_the_same_log(tmp_path):
    log = l2c.demo(60)
    folder = log.save(tmp_path / "log")
    mine = l2c.open(folder)
    theirs = [run(OPENING, folder) for _ in range(2)]
    assert [tuple(map(int, each.stdout.split())) for each in theirs] == [facts(mine)] * 2


def test_a_log_on_disk_keeps_its_numbers_while_another_is_saved_over_it(tmp_path, monkeypatch):
    folder = l2c.demo(60, seed=1).save(tmp_path / "log")
    monkeypatch.setattr(engine, "HELD_BYTES", 0)
    mine = l2c.open(folder)
    before = facts(mine)
    other = l2c.demo(90, seed=2)
    other.save(folder)
    assert facts(l2c.open(folder)) == facts(other) != before
    assert facts(l2c.log.EventLog(mine.base)) == before
    del mine
    gc.collect()
    assert [each.name for each in tmp_path.iterdir()] == ["log"]


@posix
def test_a_full_disk_leaves_the_earlier_log(tmp_path):
    folder = from_text("a: X 0, Y 1").save(tmp_path / "log")
    before = {each.name: each.read_bytes() for each in folder.iterdir()}
    said = run(LIMITED, folder)
    assert said.stdout.startswith("The disk")
    assert "Traceback" not in said.stderr
    assert {each.name: each.read_bytes() for each in folder.iterdir()} == before
    assert [each.name for each in tmp_path.iterdir()] == ["log"]


def test_a_memory_limit_is_said_in_words(tmp_path, monkeypatch):
    source = tmp_path / "log.csv"
    source.write_text(
        "case_id,activity,time\n" + "".join(f"c{i},Quote Sent,2025-01-01 00:00:00\n" for i in range(20000))
    )
    before = source.read_bytes()
    earlier = {each: each.read_bytes() for each in from_text("a: X 0").save(tmp_path / "log").iterdir()}
    monkeypatch.setenv("L2C_MEMORY", "1MB")
    with pytest.raises(EngineTrouble, match="L2C_MEMORY"):
        l2c.read(source).save(tmp_path / "log")
    assert source.read_bytes() == before
    assert {each: each.read_bytes() for each in (tmp_path / "log").iterdir()} == earlier
    monkeypatch.setenv("L2C_MEMORY", "500MB")
    assert l2c.read(source).n_events == 20000


def test_a_memory_limit_that_is_none_is_said(monkeypatch):
    monkeypatch.setenv("L2C_MEMORY", "plenty")
    with pytest.raises(L2CError, match="plenty"):
        from_text("a: X 0")


def test_a_saved_log_is_small(tmp_path):
    log = l2c.demo(3000)
    folder = log.save(tmp_path / "log")
    size = sum(each.stat().st_size for each in folder.iterdir())
    assert size / log.n_events < 25, size / log.n_events


def test_the_facts_of_a_saved_log_are_readable(tmp_path):
    folder = from_text("a: X 0, Y 1", currency="EUR").save(tmp_path / "log")
    said = json.loads((Path(folder) / "log.json").read_text("utf-8"))
    assert (said["schema"], said["currency"]) == (1, "EUR")
