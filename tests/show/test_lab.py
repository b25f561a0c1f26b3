"""The notebooks as an analyst meets them: in JupyterLab, with widgets, every cell run."""

import shutil
from pathlib import Path

import pytest

import l2c
from tests import servers
from tests.browser import page

pytestmark = pytest.mark.browser
NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
NAMES = sorted(path.name for path in NOTEBOOKS.glob("*.ipynb"))
WAIT = 60_000

# Run every cell of the notebook in front, and return the kinds of what it put out; errors as their texts.
RUN = """async () => {
    const app = window.jupyterapp;
    const panel = app.shell.currentWidget;
    await panel.sessionContext.ready;
    await panel.context.ready;
    await app.commands.execute('notebook:run-all-cells');
    const kinds = new Set(), errors = [];
    for (const cell of panel.content.model.cells) {
        for (const output of (cell.toJSON().outputs || [])) {
            if (output.output_type === 'error') errors.push(output.ename + ': ' + output.evalue);
            Object.keys(output.data || {}).forEach((kind) => kinds.add(kind));
        }
    }
    return {kinds: [...kinds], errors};
}"""


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lab")
    for path in NOTEBOOKS.glob("*.ipynb"):
        shutil.copy(path, folder)
    (folder / "out").mkdir()
    l2c.demo(800).save(folder / "out" / "log")
    with servers.lab(folder) as address:
        yield address


@pytest.mark.parametrize("name", NAMES)
def test_every_notebook_runs_in_jupyterlab(address, name):
    with page(1400, 1000, local=True) as (tab, asked):
        tab.goto(f"{address}lab/tree/{name}?reset")
        tab.wait_for_selector(".jp-Notebook", timeout=WAIT)
        tab.wait_for_function(
            "window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'", timeout=WAIT
        )
        tab.set_default_timeout(3 * WAIT)
        found = tab.evaluate(RUN)
        assert found["errors"] == []
        assert [each for each in asked if not each.startswith("console")] == []
        if name in ("03_discover.ipynb", "dashboard.ipynb"):
            assert "application/vnd.jupyter.widget-view+json" in found["kinds"]
            tab.wait_for_selector(".l2c-live", timeout=WAIT, state="attached")
