"""The wheel: what is in it, and that it works from any folder without the checkout. `make wheel` tries it in bare environments."""

import os
import subprocess
import sys
import tomllib
import zipfile
from email.parser import Parser
from pathlib import Path

import nbformat
import pytest

from l2c.lab import SERIES
from l2c.system import places
from tests import wheel as package

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The wheel, built while a client's log lies beside the notebooks."""
    secret = ROOT / "notebooks" / "out" / "client" / "secret.ipynb"
    secret.parent.mkdir(parents=True, exist_ok=True)
    secret.write_text("a client's log")
    try:
        return package.built(tmp_path_factory.mktemp("dist"))
    finally:
        secret.unlink()
        secret.parent.rmdir()


@pytest.fixture(scope="module")
def contents(built):
    with zipfile.ZipFile(built) as packed:
        return {entry.filename: packed.read(entry) for entry in packed.infolist()}


@pytest.fixture(scope="module")
def installed(built, tmp_path_factory):
    """The wheel in a folder of its own; what it requires comes from the environment of the tests."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(folder)]
    subprocess.run([*command, str(built)], check=True, capture_output=True, timeout=300)
    return folder


def l2c(installed, folder, *arguments):
    """Run a command of the installed package from another folder."""
    environment = os.environ | {"PYTHONPATH": str(installed)}
    command = [sys.executable, "-m", "l2c.cli", *arguments]
    ran = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=900, check=False)
    assert ran.returncode == 0, ran.stderr[-3000:]
    return ran.stdout


def test_notebooks_and_templates_are_copied_from_the_top_of_the_checkout(contents):
    for folder, pattern in (("notebooks", "*.ipynb"), ("data_templates", "*")):
        source = {path.name: path.read_bytes() for path in (ROOT / folder).glob(pattern)}
        start = f"l2c/{folder}/"
        assert {name.removeprefix(start): data for name, data in contents.items() if name.startswith(start)} == source
    assert {f"l2c/notebooks/{name}.ipynb" for name in (*SERIES, "dashboard")} <= set(contents)


def test_every_file_of_the_package_is_in_the_wheel_and_nothing_else(contents):
    ignored = ("__pycache__", ".ipynb_checkpoints", ".pyc")
    own = {path.relative_to(ROOT).as_posix() for path in (ROOT / "l2c").rglob("*") if path.is_file()}
    own = {name for name in own if not any(part in name for part in ignored)}
    copied = ("l2c/notebooks/", "l2c/data_templates/")
    found = {name for name in contents if not name.startswith(copied) and ".dist-info/" not in name}
    assert found == own
    assert {
        "l2c/words/vocabulary.yaml",
        "l2c/diagnose/rules/rules.yaml",
        "l2c/prepare/salesforce/mapping.yaml",
        "l2c/py.typed",
    } <= found


def test_nothing_that_git_ignores_is_in_it(contents):
    assert not [name for name in contents if "/out/" in name or "secret" in name]
    assert not any(b"a client's log" in data for data in contents.values())


def test_the_checkout_has_no_symbolic_links():
    for folder in ("l2c", "notebooks", "data_templates", "tests"):
        assert not [path for path in (ROOT / folder).rglob("*") if path.is_symlink() and "out" not in path.parts]


def test_the_metadata_say_what_a_user_needs(contents):
    (name,) = [name for name in contents if name.endswith(".dist-info/METADATA")]
    facts = Parser().parsestr(contents[name].decode())
    assert facts["License-Expression"] == "Apache-2.0"
    assert set(facts.get_all("License-File")) == {"LICENSE", "NOTICE"}
    assert set(facts.get_all("Provides-Extra")) == {
        "all",
        "notebook",
        "salesforce",
        "model",
        "calendar",
        "spark",
        "test",
    }
    bare = [each for each in facts.get_all("Requires-Dist") if "extra ==" not in each]
    assert len(bare) == len(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"])
    assert not any(each.startswith(("pm4py", "jupyterlab", "voila", "ipywidgets", "psycopg")) for each in bare)


def test_in_the_checkout_its_own_folders_are_used():
    assert (places.NOTEBOOKS, places.TEMPLATES) == (ROOT / "notebooks", ROOT / "data_templates")


def test_a_stranger_s_folder_beside_an_installed_package_is_not_taken_for_ours(installed, tmp_path):
    (installed / "notebooks").mkdir()
    (installed / "notebooks" / "report.ipynb").write_text("{}")
    code = "import l2c.system.places as p; print(p.NOTEBOOKS); print(p.TEMPLATES)"
    environment = os.environ | {"PYTHONPATH": str(installed)}
    said = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert said.stdout.split("\n")[:2] == [str(installed / "l2c" / name) for name in ("notebooks", "data_templates")]


@pytest.mark.thorough("a whole report of the installed package; `make wheel` makes one too")
def test_the_installed_package_makes_templates_and_a_report(installed, tmp_path):
    assert "rules.yaml" in l2c(installed, tmp_path, "template", "--lang", "en")
    l2c(installed, tmp_path, "demo", "--cases", "200")
    before = {path: path.stat().st_mtime_ns for path in (installed / "l2c" / "notebooks").rglob("*")}
    index = l2c(installed, tmp_path, "report", "demo/demo_log.csv", "-o", "report").split()[-1]
    pages = {path.stem for path in (tmp_path / index).parent.glob("*.html")}
    assert {"index", "02_prepare", "03_discover", "04a_time"} <= pages
    # Nothing is written where the package lies, which may be closed to the user.
    assert {path: path.stat().st_mtime_ns for path in (installed / "l2c" / "notebooks").rglob("*")} == before
    executed = nbformat.read(tmp_path / "report" / "notebooks" / "report.ipynb", as_version=4)
    assert any(cell.get("outputs") for cell in executed.cells)
