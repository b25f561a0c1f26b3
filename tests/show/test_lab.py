"""The notebooks as an analyst meets them: in JupyterLab, with widgets, every cell run."""

import shutil
from pathlib import Path

import pytest

import l2c
from tests import servers
from tests.browser import page

pytestmark = pytest.mark.browser
NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
# Those with widgets, and one more below; the tests of the notebooks run all of them.
NAMES = ("05_improve.ipynb", "dashboard.ipynb")
WAIT = 200_000

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
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lab")
    for path in NOTEBOOKS.glob("*.ipynb"):
        shutil.copy(path, folder)
    return folder


@pytest.fixture(scope="module")
def address(folder):
    with servers.lab(folder) as address:
        yield address


@pytest.fixture
def log(folder):
    """The log the notebooks find; step 2 writes one of its own there."""
    log = l2c.demo(800)
    log.save(folder / "out" / "log")
    return log


def opened(tab, address):
    """Open a notebook, and wait for its kernel."""
    tab.set_default_timeout(WAIT)
    tab.goto(address)
    tab.wait_for_selector(".jp-Notebook", timeout=WAIT)
    tab.wait_for_function(
        "window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'", timeout=WAIT
    )


@pytest.mark.slow("whole notebooks in JupyterLab, in a browser")
@pytest.mark.parametrize("name", NAMES)
def test_notebooks_with_widgets_run_in_jupyterlab(address, log, name):
    with page(1400, 1000, local=True) as (tab, asked):
        opened(tab, f"{address}lab/tree/{name}?reset")
        found = tab.evaluate(RUN)
        assert found["errors"] == []
        assert [each for each in asked if not each.startswith("console")] == []
        if name == "dashboard.ipynb":
            assert "application/vnd.jupyter.widget-view+json" in found["kinds"]
            tab.wait_for_selector(".l2c-live", timeout=WAIT, state="attached")


def test_a_click_on_the_panel_and_on_the_map_counts_in_jupyterlab(address, log):
    region = log.distinct("region")[0]
    with page(1400, 1000, local=True) as (tab, asked):
        opened(tab, f"{address}lab/tree/03_discover.ipynb?reset")
        found = tab.evaluate(RUN)
        assert found["errors"] == [] and "application/vnd.jupyter.widget-view+json" in found["kinds"]
        counts = "[...document.querySelectorAll('.l2c-live .count')].map(each => each.textContent)"
        seen = "([all, wanted]) => {const seen = eval(all); return seen.length > 1 && seen.every(t => t === wanted)}"

        def says(cases):
            tab.wait_for_function(seen, arg=[counts, f"{cases:,} of {log.n_cases:,} cases"])

        # The panel and the map say the same.
        says(log.n_cases)
        tab.locator(f".l2c-panel input[data-word=region][data-value='\"{region}\"']").click()
        says(log.where(region=region).n_cases)
        edge = tab.locator('.l2c-map .edge[data-id="Quote Sent>Quote Accepted"]')
        edge.focus()
        tab.keyboard.press("Enter")
        tab.get_by_role("menuitem", name="Cases not through it").click()
        chosen = log.where(region=region, not_follows=("Quote Sent", "Quote Accepted"))
        assert 0 < chosen.n_cases < log.where(region=region).n_cases
        says(chosen.n_cases)
        # What follows the panel is drawn anew: the list of cases has the new total.
        tab.locator(".l2c-cases b", has_text=f"{chosen.n_cases:,} case").first.wait_for(state="attached")
        assert [each for each in asked if not each.startswith("console")] == []
