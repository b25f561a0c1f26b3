import warnings

import nbformat
import papermill
import pytest

import l2c
from l2c.lab import NOTEBOOKS, SERIES
from tests.canary import found

PARAMETERS = {"log_path", "where", "start", "end", "lang", "out_dir", "calendar", "hours"}


# How the map of step 3 begins, what shall change, the day of a change, and files of the user's: only some steps have them.
OWN = {
    "03_discover": {"map_state"},
    "04a_time": {"rules_path", "register_path"},
    "04b_deals": {"rules_path", "register_path"},
    "04c_money_and_rules": {"rules_path", "register_path"},
    "05_improve": {"change_path", "to_be_path"},
    "06_monitor": {"change", "register_path", "alerts_path", "rules_path"},
    "report": {"register_path", "alerts_path", "rules_path"},
}


@pytest.fixture(params=SERIES)
def notebook(request):
    return nbformat.read(NOTEBOOKS / f"{request.param}.ipynb", as_version=4)


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_every_cell_was_run_in_order_and_none_failed(notebook):
    assert [cell.execution_count for cell in code(notebook)] == list(range(1, len(code(notebook)) + 1))
    assert [o for cell in code(notebook) for o in cell.outputs if o.output_type == "error"] == []


def test_no_output_is_a_progress_bar_or_a_widget(notebook):
    for cell in code(notebook):
        for output in cell.outputs:
            assert "widget" not in " ".join(output.get("data", {}))
            assert "it/s]" not in str(output.get("data", {}).get("text/plain", ""))


@pytest.mark.parametrize("name", SERIES)
def test_it_takes_the_same_parameters(name):
    notebook = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
    (cell,) = [c for c in code(notebook) if "parameters" in c.metadata.get("tags", [])]
    found: dict[str, object] = {}
    exec(cell.source, {}, found)
    assert set(found) == PARAMETERS | OWN.get(name, set())


def test_cells_are_thin(notebook):
    for cell in code(notebook):
        lines = cell.source.splitlines()
        # What can be set is no work.
        assert len(lines) <= 10 or "parameters" in cell.metadata.get("tags", [])
        assert not any(line.startswith(("def ", "class ", "for ", "while ")) for line in lines)


def test_every_text_stands_in_both_languages(notebook):
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            assert cell.metadata.get("ja"), cell.source[:60]
            assert cell.source.count("#") == cell.metadata["ja"].count("#")


def test_the_first_cell_has_the_four_lines_of_the_plan():
    for name in SERIES[1:]:
        cells = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4).cells[:2]
        # A page of a report opens with its title alone.
        text = "\n\n".join(cell.source for cell in cells)
        assert "lesson" in cells[1].metadata["tags"]
        for line in ("What to do", "Why it matters", "What you will have", "What is provided"):
            assert line in text


@pytest.mark.parametrize("name", ["01_template", "02_prepare"])
def test_the_first_steps_obey_the_selection(name, tmp_path):
    """Run as a consultant runs them, with papermill, on a part of a log."""
    lines = ["Case ID,Activity,Timestamp,Region,Account"]
    for n in range(12):
        region = ("Northmark", "Southmark")[n % 2]
        days = ((1, "Opportunity Created"), (n + 2, "Quote Sent"))
        lines += [f"{region}-{n},{step},2025-01-{day:02d},{region},{region} account" for day, step in days]
    lines.append("Southmark-1,Quote Sent,soonish,Southmark,Southmark late")
    source = tmp_path / "deals.csv"
    source.write_text("\n".join(lines))
    log = l2c.read(source).save(tmp_path / "out" / "log")
    notebook = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
    for cell in code(notebook):
        cell.outputs = []
    nbformat.write(notebook, tmp_path / "source.ipynb")
    (tmp_path / "done").mkdir()
    parameters = {"log_path": "out/log", "where": {"region": "Northmark"}, "out_dir": "out"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        papermill.execute_notebook(
            str(tmp_path / "source.ipynb"),
            str(tmp_path / "done" / "done.ipynb"),
            parameters,
            cwd=str(tmp_path),
            progress_bar=False,
        )
    assert found(tmp_path / "done", ["Southmark"]) == []
    assert found(tmp_path / "done", ["Northmark"])
    # The whole log, which the next steps open, is there as before.
    assert l2c.open(log).n_cases == 12
