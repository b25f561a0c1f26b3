"""The package as a user gets it: the wheel alone, in new environments, from another folder. Run by `make wheel`."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
import venv
from http.cookiejar import CookieJar
from pathlib import Path

ROOT = Path(__file__).parents[1]
CORE = (
    ["template", "-o", "template"],
    ["demo", "-o", "demo", "--cases", "400"],
    ["read", "demo/demo_log.csv", "-o", "log"],
    ["analyse", "log", "--json", "all.json"],
)
WHOLE = (*CORE, ["report", "log", "-o", "report"])
MADE = ("template/rules.yaml", "demo/demo_log.csv", "log/log.json", "all.json")


def built(folder: Path) -> Path:
    """Build the wheel, with the builder that is installed, and return its path."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def environment(folder: Path, wheel: Path, extra: str = "") -> Path:
    """Make an environment that holds the wheel with an extra and what they require; return the folder of its programs."""
    venv.create(folder, with_pip=True)
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    pins = str(ROOT / "requirements.txt")
    # As the README says it, held to the pins.
    install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--constraint", pins]
    run([str(programs / "python"), *install, f"{wheel}{extra}"], folder)
    return programs


def clean() -> dict[str, str]:
    """The environment without a way to the checkout, and without a browser that opens."""
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    return kept | {"PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1", "BROWSER": "echo %s"}


def run(command: list[str], folder: Path, *, fails: bool = False) -> str:
    """Run a command in a folder, where nothing of the checkout is to be found; return what it says."""
    ran = subprocess.run(
        command, cwd=folder, env=clean(), capture_output=True, text=True, encoding="utf-8", check=False
    )
    said = ran.stdout + ran.stderr
    if (ran.returncode != 0) != fails:
        raise AssertionError(f"{' '.join(command)} ended with {ran.returncode}:\n{said[-4000:]}")
    return said


def serves(command: list[str], folder: Path, sign: str, seconds: int = 180) -> str:
    """Start what serves pages, wait until it gives a sign, and end it; return the page that the sign names, or the sign."""
    log = folder / "server.txt"
    until = time.monotonic() + seconds
    with (
        log.open("w", encoding="utf-8") as out,
        subprocess.Popen(command, cwd=folder, env=clean(), stdout=out, stderr=out, start_new_session=True) as server,
    ):
        try:
            while True:
                ended = server.poll() is not None
                said = log.read_text("utf-8")
                if found := re.search(sign, said):
                    break
                assert not ended and time.monotonic() < until, f"{' '.join(command)} never said {sign}:\n{said[-4000:]}"
                time.sleep(0.5)
            return _page(found[0], until) if found[0].startswith("http") else found[0]
        finally:
            with contextlib.suppress(OSError):
                os.killpg(server.pid, signal.SIGTERM) if os.name != "nt" else server.terminate()


def _page(address: str, until: float) -> str:
    """What a browser would get, as soon as there is an answer."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    while True:
        try:
            return str(browser.open(address, timeout=120).read().decode("utf-8"))
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(1)


def main() -> None:
    """Build, install twice, and try what each must do."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as spare:
        folder = Path(spare)
        wheel = built(folder / "dist")
        print(f"{wheel.name}: {wheel.stat().st_size / 1e6:.1f} MB", flush=True)
        for name, extra, commands in (("core", "", CORE), ("all", "[all]", WHOLE)):
            programs = environment(folder / name, wheel, extra)
            work = folder / f"work-{name}"
            work.mkdir()
            where = run(
                [str(programs / "python"), "-c", "import l2c.system.places as p; print(p.NOTEBOOKS)"], work
            ).strip()
            assert Path(where).is_relative_to(folder.resolve()) or Path(where).is_relative_to(folder), where
            for command in commands:
                run([str(programs / "l2c"), *command], work)
                print(f"l2c[{name}]: l2c {' '.join(command)}", flush=True)
            assert all((work / made).exists() for made in MADE), list(work.rglob("*"))
        work, l2c = folder / "work-all", str(folder / "all" / programs.name / "l2c")
        assert (work / "report" / "index.html").stat().st_size > 100_000
        page = serves([l2c, "dashboard", "log", "--no-browser", "--port", "8899"], work, r"http://\S+")
        assert len(page) > 1000, page
        print("l2c[all]: l2c dashboard log", flush=True)
        # JupyterLab refuses an administrator, in words of its own.
        serves([l2c, "lab", "log"], work, r"/lab\S*token=|Running as root is not recommended")
        print("l2c[all]: l2c lab log", flush=True)
        said = run([str(folder / "core" / programs.name / "l2c"), "report", "log"], folder / "work-core", fails=True)
        assert "pip install 'l2c[notebook]'" in said, said
    print("The wheel holds all it needs.")


if __name__ == "__main__":
    main()
