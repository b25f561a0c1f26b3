"""The package as a user gets it: the wheel alone, in new environments, from another folder. Run by `make wheel`."""

import os
import subprocess
import sys
import tempfile
import venv
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


def run(command: list[str], folder: Path, *, fails: bool = False) -> str:
    """Run a command in a folder, where nothing of the checkout is to be found; return what it says."""
    clean = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    clean["PYTHONUTF8"] = "1"
    ran = subprocess.run(command, cwd=folder, env=clean, capture_output=True, text=True, encoding="utf-8", check=False)
    said = ran.stdout + ran.stderr
    if (ran.returncode != 0) != fails:
        raise AssertionError(f"{' '.join(command)} ended with {ran.returncode}:\n{said[-4000:]}")
    return said


def main() -> None:
    """Build, install twice, and try what each must do."""
    with tempfile.TemporaryDirectory() as spare:
        folder = Path(spare)
        wheel = built(folder / "dist")
        print(f"{wheel.name}: {wheel.stat().st_size / 1e6:.1f} MB", flush=True)
        for name, extra, commands in (("core", "", CORE), ("all", "[all]", WHOLE)):
            programs = environment(folder / name, wheel, extra)
            work = folder / f"work-{name}"
            work.mkdir()
            where = run([str(programs / "python"), "-c", "import l2c.places as p; print(p.NOTEBOOKS)"], work).strip()
            assert Path(where).is_relative_to(folder.resolve()) or Path(where).is_relative_to(folder), where
            for command in commands:
                run([str(programs / "l2c"), *command], work)
                print(f"l2c[{name}]: l2c {' '.join(command)}", flush=True)
            assert all((work / made).exists() for made in MADE), list(work.rglob("*"))
        assert (folder / "work-all" / "report" / "index.html").stat().st_size > 100_000
        said = run([str(folder / "core" / programs.name / "l2c"), "report", "log"], folder / "work-core", fails=True)
        assert "pip install 'l2c[notebook]'" in said, said
    print("The wheel holds all it needs.")


if __name__ == "__main__":
    main()
