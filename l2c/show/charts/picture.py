"""How does a finished chart show itself, and how is it saved?"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from l2c.show.charts import narrow, rows, sheet
from l2c.show.map import lettering
from l2c.show.markup import EMPTY, PHONE, escape
from l2c.show.tables import sentence
from l2c.show.theme import MUTED
from l2c.words import phrases
from l2c.words.errors import BadPicture
from l2c.words.notes import Note

# What matplotlib writes of a mark that leads somewhere: its attributes, as an id.
_LEADS = re.compile(f'<g id="{sheet.LEADS}([^"]*)">')


class Picture:
    """A finished chart: shows itself in a notebook as SVG, is saved to a file, and can be asked for its parts.

    Attributes
    ----------
    figure
        The matplotlib figure.
    alt
        What the chart says, in words: for screen readers, and where no picture can be shown.
    phone
        The same chart drawn for the width of a phone, in a report; else None.
    why
        Why there is nothing to draw; None where there is.
    """

    phone: Picture | None = None

    def __init__(self, figure: Figure, alt: str, why: str | None = None) -> None:
        self.figure = figure
        self.alt = alt
        self.why = why
        # The layout settles over two passes; then it is fixed, so that every copy of the picture is the same, and
        # needs no drawing of its own: a page of the dashboard waits for that.
        engine = figure.get_layout_engine()
        with sheet.house():
            for _ in range(2):
                if engine is not None:
                    engine.execute(figure)
            if sheet.is_narrow() and engine is not None:
                narrow.thin(figure)
                engine.execute(figure)
            figure.set_layout_engine(None)

    @property
    def ax(self) -> Axes:
        """The main axes."""
        return self.figure.axes[0]

    @property
    def texts(self) -> list[str]:
        """Every text in the picture, each once."""
        found = [t.get_text() for t in self.figure.findobj(Text) if isinstance(t, Text) and t.get_visible()]
        return list(dict.fromkeys(t for t in found if t))

    def svg(self) -> str:
        """Return the picture as one SVG element: the same chart gives the same text."""
        target = io.StringIO()
        with sheet.house():
            self.figure.savefig(target, format="svg", metadata={"Date": None, "Creator": None})
        text = target.getvalue()
        text = _LEADS.sub(lambda found: f"<g{unquote(found[1])}>", text[text.index("<svg") :])
        # Scales down to a narrow page, and tells a screen reader what it shows.
        opening = '<svg role="img" style="max-width:100%;height:auto"'
        head, rest = text.split(">", 1)
        return f"{head.replace('<svg', opening, 1)}>\n <title>{escape(self.alt)}</title>{rest}"

    def save(self, path: str | Path) -> Path:
        """Write the picture; the ending of the name says how: `.svg`, `.png` (at twice screen size) or `.pdf`.

        Raises
        ------
        BadPicture
            For any other ending.
        """
        target = Path(path)
        kind = target.suffix.lower()
        if kind not in (".svg", ".png", ".pdf"):
            raise BadPicture.ending(target.name)
        if kind == ".svg":
            target.write_text(self.svg(), "utf-8")
            return target
        with sheet.house():
            undated = {"CreationDate": None} if kind == ".pdf" else None
            self.figure.savefig(target, dpi=192, metadata=undated)
        return target

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        phone = {} if self.phone is None else {PHONE: self.phone.svg()}
        why = {} if self.why is None else {EMPTY: self.why}
        return {"image/svg+xml": self.svg(), "text/plain": self.alt, **phone, **why}

    def __repr__(self) -> str:
        return self.alt


def finished(fig: Figure, text: str, note: str | None = None, lines: Iterable[str] = ()) -> Picture:
    """Write the finding above a chart, and in words what the chart says: the finding and the lines given."""
    said = list(lines)
    alt = "\n".join([text, *said])
    if isinstance(fig, rows.Rows):
        page: Any = fig.shown(text, note, alt, said)
        return page
    if sheet.is_narrow():
        narrow.fit(fig)
    sheet.head(fig, text, note)
    return Picture(fig, alt)


def nothing(lang: str) -> Picture:
    """Say that there is nothing to show."""
    return plain(phrases.say("nothing", lang))


def empty(table: pd.DataFrame, lang: str, said: str = "nothing") -> Picture:
    """Say why a table is empty, where it tells; else some phrase."""
    why = table.attrs.get("note")
    return plain(sentence(why, lang) if isinstance(why, Note) else phrases.say(said, lang))


def remarked(note: str, table: pd.DataFrame, lang: str) -> str:
    """Say below a chart what must be known of its whole table, too."""
    why = table.attrs.get("note")
    return f"{note} {sentence(why, lang)}" if isinstance(why, Note) else note


def plain(text: str) -> Picture:
    """Say calmly in a small picture that there is nothing to draw, and why."""
    if rows.wanted():
        page: Any = rows.said(text)
        return page
    with sheet.house():
        fig, ax = sheet.figure(8.6, 1.2)
        ax.set_axis_off()
        said = "\n".join(lettering.wrap(text, 42 if sheet.is_narrow() else 84))
        ax.text(0.0, 0.5, said, ha="left", va="center", color=MUTED, fontsize=11, transform=ax.transAxes)
        return Picture(fig, text, text)
