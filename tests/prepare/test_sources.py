"""Whatever stands behind a name: the right log, or a sentence."""

import gzip
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import polars as pl
import pytest

from l2c import engine
from l2c.log import open_log
from l2c.prepare import sources
from l2c.prepare.read import read
from l2c.words.errors import L2CError

LOG = "Case ID,Activity,Timestamp\na,Quote Sent,2025-01-01\na,Closed Won,2025-01-02\n"
OTHER = LOG.replace("\na,", "\nb,")
DEALS = "Id,StageName,CreatedDate\n006A00000000001,Closed Won,2025-01-01\n"
posix = pytest.mark.skipif(os.name != "posix", reason="such files are those of Unix")


def frame():
    return pl.DataFrame({"Case ID": ["a"], "Activity": ["Quote Sent"], "Timestamp": ["2025-01-01"]})


def cases(log):
    return sorted(engine.collect(log.cases)["case_id"])


def written(pipe, data):
    """Write into a pipe as soon as somebody reads it."""
    thread = threading.Thread(target=Path(pipe).write_bytes, args=(data,), daemon=True)
    thread.start()
    return thread


def command(line, folder):
    """Run a line of the shell, with `l2c` for the command line."""
    shell = f'l2c() {{ "{sys.executable}" -m l2c.cli "$@"; }}\n{line}'
    here = str(Path(__file__).parents[2])
    paths = os.pathsep.join(filter(None, [here, os.environ.get("PYTHONPATH")]))
    return subprocess.run(
        ["bash", "-c", shell],
        capture_output=True,
        text=True,
        cwd=folder,
        timeout=600,
        env=os.environ | {"PYTHONPATH": paths},
    )


@posix
@pytest.mark.parametrize(
    "line",
    [
        "l2c read <(cat log.csv) -o out",
        "cat log.csv | l2c read /dev/stdin -o out",
        "cat log.csv | l2c read - -o out",
        "l2c read - -o out < log.csv",
        "l2c read /dev/stdin -o out < log.csv",
        "(sleep 1; cat log.csv) | l2c read /dev/stdin -o out",
        "l2c read <(gzip -c log.csv) -o out",
        "l2c read 'a*[1].csv' -o out",
    ],
)
def test_the_command_line_reads_what_the_shell_gives(tmp_path, line):
    (tmp_path / "log.csv").write_text(LOG)
    (tmp_path / "a*[1].csv").write_text(LOG)
    (tmp_path / "ab1.csv").write_text(OTHER)
    ran = command(line, tmp_path)
    assert (ran.returncode, "Traceback" in ran.stderr) == (0, False), ran.stderr
    log = open_log(tmp_path / "out")
    assert (cases(log), log.n_events, log.quality.rows_read) == (["a"], 2, 2)


@posix
@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("l2c read - -o out < /dev/null", "stdin is empty"),
        ("l2c read /dev/null -o out", "null is empty"),
        ("l2c read - -o out <&-", "-"),
        ("l2c read /dev/zero -o out", "zero is a device"),
        ("l2c read - -o out < /dev/zero", "stdin is a device"),
        ("printf '' | l2c read /dev/stdin -o out", "stdin is empty"),
        ("l2c read . -o out", "no file that can be read"),
        ("l2c read /proc/self/mem -o out", "mem"),
    ],
)
def test_the_command_line_says_what_cannot_be_read(tmp_path, line, says):
    ran = command(line, tmp_path)
    assert (ran.returncode, len(ran.stderr.strip().splitlines())) == (1, 2), ran.stderr
    assert says in ran.stderr.splitlines()[-1]


@posix
@pytest.mark.parametrize("name", ["log.csv", "log.zip", "log.parquet", "log"])
def test_a_pipe_is_read_once_from_its_first_byte(tmp_path, name):
    os.mkfifo(tmp_path / name)
    data = LOG.encode()
    if name == "log.parquet":
        frame().write_parquet(tmp_path / "real")
        data = (tmp_path / "real").read_bytes()
    thread = written(tmp_path / name, data)
    log = read(tmp_path / name)
    thread.join()
    assert (cases(log), set(engine.collect(log.events)["source"])) == (["a"], {name})


@posix
def test_objects_may_come_through_pipes(tmp_path):
    for name in ("Opportunity.csv", "Account.csv"):
        os.mkfifo(tmp_path / name)
    threads = [
        written(tmp_path / "Opportunity.csv", DEALS.encode()),
        written(tmp_path / "Account.csv", b"Id\n001A00000000001\n"),
    ]
    assert read([tmp_path / "Opportunity.csv", tmp_path / "Account.csv"]).n_cases == 1
    for thread in threads:
        thread.join()


def test_a_zip_beside_the_files_does_no_harm(tmp_path):
    (tmp_path / "log.csv").write_text(LOG)
    (tmp_path / "old.zip").write_bytes(b"PK\x05\x06" + bytes(17) + b"\xff")
    assert cases(read(tmp_path)) == ["a"]


@posix
def test_a_pipe_into_which_nobody_writes_is_not_waited_for(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "PATIENCE", 0.2)
    os.mkfifo(tmp_path / "log.csv")
    with pytest.raises(L2CError, match=r"Nothing was written into log\.csv"):
        read(tmp_path / "log.csv")
    with pytest.raises(L2CError, match=r"Nothing was written into log\.csv"):
        read(tmp_path)


@posix
def test_a_slow_writer_is_waited_for(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "PATIENCE", 0.2)
    os.mkfifo(tmp_path / "log.csv")
    ran = subprocess.Popen(["bash", "-c", f"exec > '{tmp_path}/log.csv'; sleep 1; printf '{LOG}'"])
    # The shell opens the pipe only together with the reader.
    monkeypatch.setattr(sources, "PATIENCE", 0.9)
    assert cases(read(tmp_path / "log.csv")) == ["a"]
    assert ran.wait(10) == 0


@posix
def test_a_pipe_that_never_ends_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "LARGEST_UNPACKED", 3_000_000)
    os.mkfifo(tmp_path / "log.csv")
    ran = subprocess.Popen(["bash", "-c", f"yes > '{tmp_path}/log.csv' 2> /dev/null"])
    with pytest.raises(L2CError, match="may never end"):
        read(tmp_path / "log.csv")
    ran.wait(10)


@posix
def test_a_socket_is_no_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as made:
        made.bind("log.csv")
        with pytest.raises(L2CError, match=r"log\.csv is a socket"):
            read("log.csv")
        with pytest.raises(L2CError, match=r"log\.csv is a socket"):
            read(tmp_path)


@posix
def test_a_link_that_leads_nowhere_is_named_alone_and_in_a_folder(tmp_path):
    (tmp_path / "log.csv").symlink_to("gone.csv")
    (tmp_path / "round.csv").symlink_to("round.csv")
    (tmp_path / "other.csv").write_text(LOG)
    for source in (tmp_path / "log.csv", tmp_path, [tmp_path / "other.csv", tmp_path / "log.csv"]):
        with pytest.raises(L2CError, match=r"log\.csv is a link to gone\.csv"):
            read(source)
    with pytest.raises(L2CError, match=r"round\.csv is a link to round\.csv"):
        read(tmp_path / "round.csv")


@posix
def test_objects_beside_a_link_that_leads_nowhere_are_not_read_without_it(tmp_path):
    (tmp_path / "Opportunity.csv").write_text(DEALS)
    (tmp_path / "Account.csv").write_text("Id\n001A00000000001\n")
    (tmp_path / "Quote.csv").symlink_to("gone.csv")
    with pytest.raises(L2CError, match=r"Quote\.csv is a link to gone\.csv"):
        read(tmp_path)


@posix
def test_a_link_to_a_file_is_that_file(tmp_path):
    (tmp_path / "real").write_text(LOG)
    (tmp_path / "log.csv").symlink_to("real")
    assert cases(read(tmp_path / "log.csv")) == ["a"]


def test_a_folder_called_like_a_file_is_a_folder(tmp_path):
    parts = tmp_path / "all" / "x.csv"
    parts.mkdir(parents=True)
    (parts / "part-0.csv").write_text(LOG)
    (parts / "part-1.csv").write_text(OTHER)
    (tmp_path / "all" / "y.csv").write_text(LOG.replace("\na,", "\nc,"))
    assert cases(read(parts)) == ["a", "b"]
    assert cases(read(tmp_path / "all")) == ["a", "b", "c"]
    (tmp_path / "empty.csv").mkdir()
    with pytest.raises(L2CError, match="holds no file that can be read"):
        read(tmp_path / "empty.csv")


def test_a_folder_of_parquet_called_like_a_file_is_a_folder(tmp_path):
    parts = tmp_path / "all" / "x.parquet"
    parts.mkdir(parents=True)
    frame().write_parquet(parts / "part-0.parquet")
    assert cases(read(parts)) == cases(read(tmp_path / "all")) == ["a"]


@posix
@pytest.mark.parametrize("name", [b"caf\xe9.csv", b"\xff\xfe", b"caf\xe9.parquet", b"caf\xe9.csv.gz", b"caf\xe9.xlsx"])
def test_a_name_that_is_no_text_is_read_and_printed(tmp_path, name):
    path = tmp_path / os.fsdecode(name)
    if name.endswith(b"parquet"):
        path.write_bytes(b"")
        with path.open("wb") as file:
            frame().write_parquet(file)
    elif name.endswith(b"gz"):
        path.write_bytes(gzip.compress(LOG.encode()))
    elif name.endswith(b"xlsx"):
        with path.open("wb") as file:
            frame().to_pandas().to_excel(file, index=False)
    else:
        path.write_text(LOG)
    for source in (path, str(path), tmp_path) if b"." in name else (path, str(path)):
        log = read(source)
        assert cases(log) == ["a"]
        said = set(engine.collect(log.events)["source"])
        assert said == {name.decode("utf-8", "replace")}
        assert cases(open_log(log.save(tmp_path.parent / f"{tmp_path.name} saved"))) == ["a"]


@posix
def test_a_folder_whose_name_is_no_text_is_read(tmp_path):
    folder = tmp_path / os.fsdecode(b"daten\xfc")
    folder.mkdir()
    (folder / "Opportunity.csv").write_text(DEALS)
    (folder / "Account.csv").write_text("Id\n001A00000000001\n")
    assert read(folder).n_cases == 1


@pytest.mark.parametrize("name", ["x" * 5000, "x\0y", "", "no\nsuch.csv", "salesforce", "~nobody/x", "a/b/c.zip"])
def test_a_name_that_cannot_be_is_not_there(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    for source in (name, Path(name)):
        with pytest.raises(L2CError) as raised:
            read(source)
        assert len(str(raised.value)) < 600


@posix
def test_a_folder_or_file_without_rights_says_so(tmp_path):
    if os.geteuid() == 0:
        pytest.skip("whoever is root has all rights")
    (tmp_path / "shut").mkdir(mode=0)
    with pytest.raises(L2CError, match="may not be opened"):
        read(tmp_path / "shut")
    with pytest.raises(L2CError, match="may not be opened"):
        read(tmp_path / "shut" / "log.csv")


NAMES = ["log[12]", "a*", "a?b", "{a,b}", "log[!a]", "**", "%d", "#x", "~x", "a b", "a;b", "[", "l\\g"]
SUFFIXES = [".csv", ".xlsx", ".parquet"]


@posix
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_name_is_no_pattern(tmp_path, monkeypatch, name, suffix):
    # Files that the name would mean if it were a pattern, each of another case.
    for n, other in enumerate(["log1", "log2", "ab", "axb", "a", "b", "logb", "c", "0", "lg"]):
        save(tmp_path / f"{other}{suffix}", f"other {n}")
    save(tmp_path / f"{name}{suffix}", "right")
    folder = tmp_path / f"{name} folder" / name
    folder.mkdir(parents=True)
    save(folder / f"{name}{suffix}", "right")
    monkeypatch.chdir(tmp_path)
    for source in (f"{name}{suffix}", folder):
        assert cases(read(source)) == ["right"]


@posix
@pytest.mark.parametrize("name", NAMES)
def test_a_folder_or_zip_of_objects_is_no_pattern(tmp_path, name):
    import zipfile

    folder = tmp_path / name
    folder.mkdir()
    (folder / "Opportunity.csv").write_text(DEALS)
    pl.DataFrame({"Id": ["001A00000000001"]}).write_parquet(folder / "Account.parquet", mkdir=False)
    assert read(folder).n_cases == 1
    with zipfile.ZipFile(tmp_path / f"{name}.zip", "w") as archive:
        archive.write(folder / "Opportunity.csv", f"{name}/Opportunity.csv")
        archive.write(folder / "Account.parquet", f"{name}/Account.parquet")
    assert read(tmp_path / f"{name}.zip").n_cases == 1


def save(path, case):
    table = frame().with_columns(pl.lit(case).alias("Case ID"))
    if path.suffix == ".csv":
        path.write_text(table.write_csv())
    elif path.suffix == ".xlsx":
        table.to_pandas().to_excel(path, index=False)
    else:
        with path.open("wb") as file:
            table.write_parquet(file)
