import nbformat
import pytest

from l2c.report import NOTEBOOKS, SERIES

PARAMETERS = {"log_path", "where", "start", "end", "lang", "out_dir"}


# How the map of step 3 begins, and the day of a change: only some steps have them.
OWN = {"03_discover": {"map_state"}, "06_monitor": {"change"}, "report": {"change"}}


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
        assert len(lines) <= 10
        assert not any(line.startswith(("def ", "class ", "for ", "while ")) for line in lines)


def test_every_text_stands_in_both_languages(notebook):
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            assert cell.metadata.get("ja"), cell.source[:60]
            assert cell.source.count("#") == cell.metadata["ja"].count("#")


def test_the_first_cell_has_the_four_lines_of_the_plan():
    for name in SERIES[1:]:
        text = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4).cells[0].source
        for line in ("What to do", "Why it matters", "What you will have", "What is provided"):
            assert line in text
