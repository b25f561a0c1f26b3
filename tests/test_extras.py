"""What works with the core alone, and what is said where an extra is missing."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import pytest

from l2c import show
from l2c.system import extras
from l2c.words import errors
from tests import charts
from tests.bare import PROJECT, brought
from tests.metrics import METRICS

ROOT = Path(__file__).parents[1]
GIVEN = tomllib.loads(PROJECT.read_text("utf-8"))["project"]["optional-dependencies"]


def bare(code: str, *, more: tuple[str, ...] = (), cwd: Path = ROOT) -> str:
    """Run some lines where only the core can be imported, and return what they print."""
    lines = f"from tests import bare\nbare.install{more or '()'}\n{code}"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    ran = subprocess.run(
        [sys.executable, "-c", lines],
        capture_output=True,
        text=True,
        timeout=600,
        cwd=cwd,
        env=environment,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    return ran.stdout


def test_the_extras_are_really_hidden():
    tried = bare(
        "for name in ('pm4py', 'IPython', 'anywidget', 'voila', 'tqdm', 'sqlalchemy', 'requests'):\n"
        "    try: __import__(name)\n"
        "    except ModuleNotFoundError: print(name)"
    )
    assert tried.split() == ["pm4py", "IPython", "anywidget", "voila", "tqdm", "sqlalchemy", "requests"]


@pytest.fixture(scope="module")
def asked_and_drawn():
    """What a bare process prints that asks and draws everything of one log: a line per metric, an empty one, and per chart."""
    return bare(
        "import l2c, warnings\n"
        "from tests.metrics import METRICS; from tests.charts import CHARTS, draw\n"
        "log = l2c.demo(120)\n"
        "with warnings.catch_warnings():\n"
        "    warnings.simplefilter('ignore')\n"
        # `analysis` asks all of it once more: the commands below do.
        "    for name, metric in METRICS.items(): name == 'analysis' or metric(log); print(name)\n"
        "print(log._repr_html_()[:0])\n"
        "for name, chart in CHARTS.items(): print(name, len(draw(chart(log))))\n"
        "panel = l2c.show.filters(log, interactive=False)\n"
        "view = panel.follow(lambda log: l2c.show.funnel(l2c.discover.funnel(log)))\n"
        "panel.select(outcome=['won']); assert '<svg' in draw(view) and panel.log.n_cases < log.n_cases"
    ).split("\n\n")


def test_the_core_answers_every_question(asked_and_drawn):
    assert asked_and_drawn[0].splitlines() == list(METRICS)


def test_the_core_draws_every_chart_and_table(asked_and_drawn):
    # `hours` draws nothing: it says what a day is.
    assert set(charts.CHARTS) | set(charts.CLICKED) | {"hours"} == set(show.__all__)
    assert {line.split()[0] for line in asked_and_drawn[1].splitlines()} == set(charts.CHARTS)


def test_the_core_runs_the_commands_that_need_no_notebook(tmp_path):
    said = bare(
        "from l2c.cli import main\n"
        "for words in ('template', 'demo --cases 100', 'read demo/demo_log.csv -o log', 'analyse log --json all.json'):\n"
        "    assert main(words.split()) == 0, words",
        cwd=tmp_path,
    )
    assert {"rules.yaml", "salesforce.yaml", "lead_to_cash_template_ja.xlsx"} <= {
        path.name for path in (tmp_path / "template").iterdir()
    }
    assert "Saved: log" in said
    assert (tmp_path / "all.json").stat().st_size > 10_000


def test_the_other_commands_say_what_to_install_before_they_read_anything():
    said = bare(
        "import sys; from l2c.cli import main; sys.stderr = sys.stdout\n"
        "for command in ('report', 'dashboard', 'lab'): print(command, main([command, 'nothing.csv']))"
    )
    assert said.count("pip install 'l2c[notebook]'") == 3
    assert "Reading" not in said
    assert {"report 1", "dashboard 1", "lab 1"} <= set(said.splitlines())


def test_whatever_can_be_clicked_says_what_to_install():
    said = bare(
        "import l2c; from tests.charts import CLICKED\n"
        "from l2c.dashboard import dashboard\n"
        "log = l2c.demo(60)\n"
        "for name, make in (CLICKED | {'dashboard': dashboard}).items():\n"
        "    try: print(make(log))\n"
        "    except l2c.L2CError as error: print(name, error)"
    )
    lines = said.splitlines()
    assert [line.split()[0] for line in lines] == [*charts.CLICKED, "dashboard"]
    assert all("pip install 'l2c[notebook]'" in line for line in lines), said


WISHES = {
    "l2c.discover.model(log)": "model",
    "l2c.diagnose.deviations(log, 'model.bpmn')": "model",
    "l2c.report": "notebook",
    "l2c.dashboard.serving.serve('log')": "notebook",
    "l2c.read('salesforce:')": "salesforce",
    "l2c.read('postgresql://reader@localhost/warehouse')": "salesforce",
    "l2c.prepare.salesforce.login.connect()": "salesforce",
}


def test_what_lacks_its_extra_says_which():
    said = bare(
        "from importlib import import_module; import l2c; from tests.logs import from_text\n"
        "log = from_text('a: Quote Sent 0, Closed Won 2')\n"
        f"for wish in {list(WISHES)}:\n"
        "    try:\n"
        "        for name in ('report', 'dashboard.serving', 'prepare.salesforce.login'):\n"
        "            if name in wish: import_module('l2c.' + name)\n"
        "        print(eval(wish))\n"
        "    except l2c.L2CError as error: print(error)",
        more=("hypothesis", "sortedcontainers"),
    )
    lines = said.splitlines()
    assert len(lines) == len(WISHES), said
    for line, extra in zip(lines, WISHES.values(), strict=True):
        assert line.endswith(f"pip install 'l2c[{extra}]'."), line


def test_a_driver_that_the_extra_brings_is_named_by_the_extra():
    said = bare(
        "import l2c\ntry: l2c.read('postgresql://reader:secret@localhost/warehouse')\n"
        "except l2c.L2CError as error: print(error)",
        # The whole extra but for the driver.
        more=tuple(brought(GIVEN["salesforce"]) - {"psycopg", "psycopg-binary"}),
    )
    assert "pip install 'l2c[salesforce]'" in said and "secret" not in said


def test_a_module_that_is_there_is_no_reason_to_refuse():
    extras.need("notebook", "json", "csv")
    with pytest.raises(errors.MissingExtra, match=r"nowhere, l2c\.nowhere"):
        extras.need("notebook", "json", "nowhere", "l2c.nowhere")


def test_notebooks_are_opened_without_grammars_that_none_needs(monkeypatch):
    seen = []
    monkeypatch.setattr(extras, "import_module", lambda name: seen.append((name, sys.modules["rfc3987_syntax"])))
    # A process that has them keeps them.
    monkeypatch.setitem(sys.modules, "rfc3987_syntax", ast)
    extras.schemas_at_once()
    assert (seen, sys.modules["rfc3987_syntax"]) == ([], ast)
    monkeypatch.delitem(sys.modules, "rfc3987_syntax")
    extras.schemas_at_once()
    assert (seen, "rfc3987_syntax" in sys.modules) == ([("jsonschema", None)], False)


def test_every_module_asked_for_comes_with_the_extra_that_is_named():
    own = {
        "simple_salesforce": "simple-salesforce",
        "IPython": "jupyterlab",
        "nbformat": "nbconvert",
        "mistune": "nbconvert",
    }
    for path in (ROOT / "l2c").rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not (isinstance(call, ast.Call) and getattr(call.func, "id", "") == "need"):
                continue
            extra, *modules = [each.value for each in call.args if isinstance(each, ast.Constant)]
            for module in [*modules, *(extras.LIVE if any(isinstance(a, ast.Starred) for a in call.args) else ())]:
                package = own.get(module, module)
                assert any(given.startswith(package) for given in GIVEN[extra]), (path, module)


def test_all_is_what_a_user_may_want_and_no_more():
    assert GIVEN["all"] == ["l2c[notebook,salesforce,model,calendar]"]
    assert set(GIVEN) == {"all", "notebook", "salesforce", "model", "calendar", "spark", "test"}


def test_the_notice_names_whatever_imports_pm4py():
    found = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "l2c").rglob("*.py")
        if re.search(r"^\s*(import|from) pm4py", path.read_text("utf-8"), re.MULTILINE)
    }
    notice = (ROOT / "NOTICE").read_text("utf-8")
    assert set(re.findall(r"l2c/\S+\.py", notice)) == found
    assert GIVEN["model"][0].startswith("pm4py") and "cvxopt, GPL-3.0" in notice and "pm4py, AGPL-3.0" in notice


def test_no_other_package_a_user_runs_has_such_a_licence():
    """Of what requirements.txt pins: names, and whether their metadata say GPL in any form."""
    pins = re.findall(r"^([\w.-]+)==", (ROOT / "requirements.txt").read_text("utf-8"), re.MULTILINE)
    found = set()
    for name in pins:
        try:
            facts = metadata(name)
        except PackageNotFoundError:
            continue  # for another system or version
        short = " ".join([facts.get("License-Expression") or "", *(facts.get_all("Classifier") or [])])
        # The longer field often holds the texts of all that a wheel bundles, compilers' libraries with their exceptions too.
        said = short if "License ::" in short or facts.get("License-Expression") else facts.get("License")
        if re.search(r"GPL|GNU", said or ""):
            found.add(name)
    assert found == {"pm4py", "cvxopt", "psycopg", "psycopg-binary"}


def test_an_address_is_hidden_without_the_packages_that_read_it():
    said = bare(
        "import sys; from l2c.cli import main; from l2c.prepare.salesforce.address import shown\n"
        "sys.stderr = sys.stdout\n"
        "print(shown('postgresql://reader:s3cret@host/warehouse'), main(['read', 'postgresql://reader:s3cret@host/w', '-o', 'x']))"
    )
    assert "an address" in said and "s3cret" not in said
    assert "pip install 'l2c[salesforce]'" in said
