"""What stands above the pages: a question in words, named views, the address of what is shown, what is taken away."""

from __future__ import annotations

from typing import Any

import anywidget
import ipywidgets
import traitlets

from l2c.show.live import assets


class Tray(anywidget.AnyWidget):
    """The bar in the browser; the dashboard answers what it asks.

    Attributes
    ----------
    place
        `fragment`, what follows the # of the address, `step`, whether *back* shall lead to what was before, and `short`, a
        sentence where the fragment does not hold all of the choice.
    said
        What is to be told: a sentence.
    views
        Names of views that were kept, and the days: `[["EMEA, slow", "saved 2026-11-28"]]`.
    able
        What can be done here: `views`, `report`, `pdf`.
    about
        What is written on pictures that are taken away: `lines`, `file`.
    """

    _esm = assets.script("dom", "menu", "sheet", "asking", "taking", "tray")
    _css = assets.styles("live", "tray")

    place: Any = traitlets.Dict().tag(sync=True)
    said = traitlets.Unicode().tag(sync=True)
    views: Any = traitlets.List().tag(sync=True)
    able: Any = traitlets.List().tag(sync=True)
    about: Any = traitlets.Dict().tag(sync=True)
    words = traitlets.Dict().tag(sync=True)
    theme = traitlets.Unicode("auto").tag(sync=True)

    def __init__(self, lang: str, able: list[str]) -> None:
        super().__init__(words=assets.wording(lang), able=able)

    def boxed(self) -> ipywidgets.Box:
        """The bar as wide as the page."""
        box = ipywidgets.Box([self])
        box.add_class("l2c-traybox")
        return box
