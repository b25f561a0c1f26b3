"""What is started ends with what started it, and files of the current folder are neither run nor obeyed."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

import l2c
from l2c.system import processes
from l2c.words.errors import NotebookFailed
from tests import servers

posix = pytest.mark.skipif(os.name == "nt", reason="signals are POSIX's")
# As the console script does it: its own folder is where Python looks first, not the current one.
SCRIPT = """
import sys
from l2c import report
from l2c.cli import main

if __name__ == "__main__":
    report.SERIES = ("report",)
    sys.exit(main())
"""
MODULES = (
    "voila", "voila_config", "jupyterlab", "jupyter_server", "jupyter_server_config", "jupyter_lab_config",
    "jupyter_config", "jupyter_nbconvert_config", "jupyter_notebook_config", "multiprocessing", "concurrent",
    "ipykernel", "ipykernel_launcher", "ipykernel_config", "ipython_config", "ipython_kernel_config", "IPython",
    "papermill", "nbclient", "nbconvert", "nbformat", "traitlets", "tornado", "zmq", "psutil", "asyncio", "runpy",
    "numpy", "pandas", "duckdb", "matplotlib", "pathlib", "sitecustomize", "usercustomize", "l2c",
)  # fmt: skip
SETTINGS = {
    "Voila": {"token": "known", "ip": "0.0.0.0"},
    "VoilaConfiguration": {"file_allowlist": [".*"], "show_tracebacks": True},
    "ServerApp": {"token": "known"},
    "IdentityProvider": {"token": "known"},
}


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    return l2c.demo(60).save(tmp_path_factory.mktemp("children") / "log")


@pytest.fixture(scope="module")
def script(tmp_path_factory):
    path = tmp_path_factory.mktemp("bin") / "l2c_script.py"
    path.write_text(SCRIPT)
    return str(path)


@pytest.fixture
def hostile(tmp_path):
    """A folder in which every file that may be run says so in another one."""
    folder, mark = tmp_path / "hostile", tmp_path / "run"
    folder.mkdir()
    for name in MODULES:
        (folder / f"{name}.py").write_text(f"open({str(mark)!r}, 'a').write({name!r} + '\\n')\n")
    for name in ("voila", "jupyter_config", "jupyter_server_config", "jupyter_lab_config", "jupyter_nbconvert_config"):
        (folder / f"{name}.json").write_text(json.dumps(SETTINGS))
    call = f"{{{{ cycler.__init__.__globals__.os.system('echo template >> {mark}') }}}}"
    for name in ("basic", "lab", "base", "l2c", "templates/basic", "nbconvert/templates/basic", "voila/templates/l2c"):
        (folder / name).mkdir(parents=True)
        (folder / name / "conf.json").write_text("{}")
        (folder / name / "index.html.j2").write_text(call)
    (folder / ".env").write_text("JUPYTER_TOKEN=known\nPYTHONPATH=.\n")
    yield folder
    assert not mark.exists(), mark.read_text()


@pytest.mark.slow("reports, dashboards and labs, each a process that is started and stopped")
def test_a_report_obeys_no_file_of_the_current_folder(saved, script, hostile):
    made = subprocess.run(
        [sys.executable, script, "report", str(saved), "-o", "made"],
        cwd=hostile,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert made.returncode == 0, made.stderr
    assert "<h1" in (hostile / "made" / "index.html").read_text("utf-8")


def test_the_dashboard_obeys_no_file_of_the_current_folder(saved, script, hostile, tmp_path):
    port = servers.free_port()
    command = [sys.executable, script, "dashboard", str(saved), "--port", str(port), "--no-browser", "--host=0.0.0.0"]
    address = f"http://127.0.0.1:{port}/"
    with servers.running(command, address + "voila/static/", tmp_path / "said.txt", hostile):
        token = (tmp_path / "said.txt").read_text().partition("token=")[2].split()[0]
        with urllib.request.urlopen(f"{address}?token={token}", timeout=120) as page:
            assert b"jupyter-config-data" in page.read()
        for path in ("?token=known", f"voila/files/voila.json?token={token}"):
            with pytest.raises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(address + path)
            refused.value.close()


@posix
def test_the_lab_obeys_no_file_of_the_current_folder_and_ends_with_one_word(saved, script, hostile, tmp_path):
    port = servers.free_port()
    (tmp_path / "own").mkdir()
    own = {"ServerApp": {"allow_root": True, "open_browser": False, "token": "mine", "port": port}}
    (tmp_path / "own" / "jupyter_server_config.json").write_text(json.dumps(own))
    settings = {"JUPYTER_CONFIG_DIR": str(tmp_path / "own")}
    with started([sys.executable, script, "lab"], hostile, **settings) as lab:
        reached(f"http://127.0.0.1:{port}/api/status?token=mine")
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/api/status?token=known")
        refused.value.close()
        while "403 GET" not in (before := lab.said.read_text()):
            time.sleep(0.1)
        assert stopped(lab, signal.SIGINT) == 130
    after = [
        line for line in lab.said.read_text().removeprefix(before).splitlines() if "Skipped non-installed" not in line
    ]
    assert after == ["Stopped."]


def test_python_m_imports_nothing_from_the_current_folder(saved, hostile):
    # What Python itself, and the package, have to import before a line of ours can run is out of reach.
    for name in ("l2c", "concurrent"):
        (hostile / f"{name}.py").unlink()
    done = subprocess.run(
        [sys.executable, "-m", "l2c.cli", "analyse", str(saved), "--json=-"],
        cwd=hostile,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["log"]["cases"] == 60


def reached(address):
    for _ in range(3000):
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(address)


@contextmanager
def started(command, folder, **settings):
    """A process in a group of its own, as a terminal makes it; what it and all that it started said."""
    said = folder / "said.txt"
    with said.open("w") as written:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=os.environ | settings,
            stdout=written,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    process.said = said
    try:
        yield process
    finally:
        processes.end([process.pid])
        process.wait()


def descendants(process):
    try:
        return psutil.Process(process.pid).children(recursive=True)
    except psutil.Error:
        return []


def stopped(process, number, group=True):
    """Send a signal to a process, or to all of its terminal, and wait until all that it started is gone."""
    started = descendants(process)
    (os.killpg if group else os.kill)(process.pid, number)
    code = process.wait(120)
    _, left = psutil.wait_procs(started, 60)
    assert left == [], [each.cmdline() for each in left]
    return code


def kernel(process, name="ipykernel_launcher"):
    """Wait until a kernel runs, or another process that works for this one."""
    for _ in range(3000):
        if any(name in " ".join(command(each)) for each in descendants(process)):
            return
        assert process.poll() is None, process.said.read_text()
        time.sleep(0.1)
    raise AssertionError(process.said.read_text())


def command(process):
    try:
        return process.cmdline()
    except psutil.Error:
        return []


@posix
@pytest.mark.parametrize(
    ("number", "group", "code"),
    [
        (signal.SIGINT, True, 130),
        (signal.SIGTERM, False, 143),
        (signal.SIGKILL, False, -signal.SIGKILL),
    ],
)
def test_a_stopped_report_leaves_nothing_running(saved, script, tmp_path, number, group, code):
    with started([sys.executable, script, "report", str(saved), "-o", "made"], tmp_path) as report:
        kernel(report, "--multiprocessing-fork")
        assert stopped(report, number, group) == code
    said = report.said.read_text()
    assert "Traceback" not in said
    if code > 0:
        progress = ("Reading", "Report:")
        assert [line for line in said.splitlines() if line and not line.startswith(progress)] == ["Stopped."], said


@posix
@pytest.mark.parametrize(
    ("number", "group", "code"),
    [
        (signal.SIGINT, True, 130),
        (signal.SIGTERM, False, 143),
        (signal.SIGKILL, False, -signal.SIGKILL),
    ],
)
def test_a_stopped_dashboard_leaves_nothing_running(saved, script, tmp_path, number, group, code):
    port = servers.free_port()
    with started(
        [sys.executable, script, "dashboard", str(saved), f"--port={port}", "--no-browser"], tmp_path
    ) as board:
        kernel(board)
        assert stopped(board, number, group) == code
    said = board.said.read_text().splitlines()
    assert said[0].startswith("The dashboard: ") and said[1:] == (["Stopped."] if code > 0 else []), said


@posix
def test_a_lab_whose_command_was_killed_ends(saved, script, tmp_path):
    port = servers.free_port()
    (tmp_path / "own").mkdir()
    own = {"ServerApp": {"allow_root": True, "open_browser": False, "token": "mine", "port": port}}
    (tmp_path / "own" / "jupyter_server_config.json").write_text(json.dumps(own))
    with started([sys.executable, script, "lab"], tmp_path, JUPYTER_CONFIG_DIR=str(tmp_path / "own")) as lab:
        reached(f"http://127.0.0.1:{port}/api/status?token=mine")
        stopped(lab, signal.SIGKILL, group=False)


def test_the_environment_of_a_child(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(["", "/mine", ""]))
    assert (
        processes.environment(EXTRA="1").items() >= {"PYTHONPATH": "/mine", "PYTHONSAFEPATH": "1", "EXTRA": "1"}.items()
    )
    monkeypatch.setenv("PYTHONPATH", os.pathsep)
    assert "PYTHONPATH" not in processes.environment()
    assert "PYTHONSAFEPATH" not in os.environ


def test_the_pool_leaves_the_environment_as_it_was(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", os.pathsep + str(Path(l2c.__file__).parents[1]))
    before = dict(os.environ)
    with processes.pool(1) as pool:
        assert pool.submit(os.getenv, "PYTHONSAFEPATH").result() == "1"
    assert dict(os.environ) == before
    with pytest.raises(NotebookFailed, match="ended from outside"), processes.pool(1) as pool:
        pool.submit(os._exit, 1).result()
    with pytest.raises(ZeroDivisionError), processes.pool(1) as pool:
        started = psutil.Process(pool.submit(os.getpid).result())
        raise ZeroDivisionError
    assert not started.is_running() and dict(os.environ) == before


def test_an_interrupt_wakes_a_process_that_has_computed_with_polars(tmp_path):
    code = (
        "import subprocess, polars as pl, l2c.system.processes as processes\n"
        "pl.DataFrame({'a': [1]}).lazy().select(pl.col('a').sum()).collect()\n"
        "processes.hear_interrupts()\n"
        "print('ready', flush=True)\n"
        "try: subprocess.run(['sleep', '60'])\n"
        "except KeyboardInterrupt: print('heard')\n"
    )
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        assert process.stdout.readline() == "ready\n"
        while not descendants(process):
            assert process.poll() is None
            time.sleep(0.1)
        os.kill(process.pid, signal.SIGINT)
        assert process.communicate(timeout=50)[0] == "heard\n"
