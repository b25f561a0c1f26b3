"""The pictures of the README, made anew from a report of the demo and its log: `python -m tests.pictures REPORT`."""

import io
import sys
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image

from l2c import discover, show
from l2c.lab import at_hand
from l2c.show.map.levels import USUAL_PATHS
from l2c.words import phrases
from tests import browser, servers

HERE = Path(__file__).parents[1] / "docs" / "pictures"
SIZE = {"width": 1280, "height": 960}
# Few colours weigh little, and nobody sees the others.
COLOURS = 160


def kept(picture: bytes, name: str) -> None:
    """Write a picture with few colours."""
    with Image.open(io.BytesIO(picture)) as found:
        # The map is drawn at twice its size.
        found = found.reduce(2) if found.width > 2 * SIZE["width"] else found
        found.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(HERE / name, optimize=True)


def shot(tab: Any, name: str) -> None:
    """What stands in the window, once nothing is dimmed any more."""
    tab.wait_for_function("!document.querySelector('.l2c-stale')")
    tab.wait_for_timeout(1500)
    tab.evaluate("document.querySelector('.l2c-head').scrollIntoView()")
    kept(tab.screenshot(), name)


def main(report: Path) -> None:
    """Make all four; the log lies in the report's folder, as `l2c report` leaves it."""
    log = at_hand(report / "log", report)
    with tempfile.TemporaryDirectory() as room:
        drawn = show.process_map(discover.flow(log), activities=0.75, paths=USUAL_PATHS).in_columns(3)
        kept(drawn.save(Path(room) / "map.png").read_bytes(), "map.png")
        with browser.page(**SIZE) as (tab, _):
            tab.goto((report / "index.html").resolve().as_uri())
            kept(tab.screenshot(full_page=True), "report.png")
        with servers.dashboard(report / "log", Path(room)) as address, browser.page(**SIZE, local=True) as (tab, _):
            tab.goto(f"{address}#page=process")
            tab.wait_for_selector(".l2c-map .node")
            tab.locator("""input[data-word=region][data-value='"DACH"']""").click()
            tab.wait_for_selector(".l2c-panel .chip")
            tab.locator(".l2c-map .play").click()
            tab.wait_for_timeout(4000)
            shot(tab, "dashboard.png")
            tab.get_by_role("button", name=phrases.say("live.theme")).first.click()
            tab.locator(".l2c-head [data-page=rules]").click()
            tab.wait_for_selector(".l2c-cases tbody tr")
            tab.locator(".l2c-cases tbody tr").first.click()
            shot(tab, "dashboard_dark.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
