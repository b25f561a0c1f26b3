"""What does an executed notebook look like as part of a page, and what could it not show?"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from l2c.lab import localised
from l2c.report import pictures
from l2c.show.markup import EMPTY, escape
from l2c.show.tables import grid
from l2c.system.extras import schemas_at_once
from l2c.words import phrases

PARAMETERS, INJECTED = "parameters", "injected-parameters"
# Cells of which a page shows nothing: parameters, and what every page would repeat.
ASIDE = "aside"
HIDDEN = {PARAMETERS, INJECTED, ASIDE}
# What lies folded on a page; what says a chapter's own sentence; where what no chapter could show, and all of those sentences,
# are put in.
FOLDED, CONCLUSION, MISSING, CONTENTS = "all", "conclusion", "missing", "contents"
# With this begins the tag of a part that shows what is found of a kind (`diagnose.findings`).
GROUND = "why-"
SVG, HTML, TEXT = "image/svg+xml", "text/html", "text/plain"


@dataclass(frozen=True)
class Piece:
    """What one cell gives to a page.

    Attributes
    ----------
    html
        What is seen; empty where there is nothing.
    heading
        The text of the heading of a part that begins here.
    why
        Why the cell has nothing to show; None where it has.
    tags
        Those of its cell.
    runs
        Whether it is a cell that was run, and not prose.
    """

    html: str = ""
    heading: str = ""
    why: str | None = None
    tags: frozenset[str] = frozenset()
    runs: bool = False


@dataclass
class Chapter:
    """One notebook as parts of a page.

    Attributes
    ----------
    name
        That of the notebook.
    sentence
        Its conclusion in one sentence; empty where it draws none.
    missing
        What it could not show: the heading of the part, and the reason.
    """

    parts: list[list[Piece]]
    name: str = ""
    sentence: str = ""
    missing: list[tuple[str, str]] = field(default_factory=list)

    def html(self, lang: str, put: Mapping[str, str] = MappingProxyType({})) -> str:
        """The parts that hold something, as HTML.

        Parameters
        ----------
        put
            By tag, what other chapters give to the part that holds a cell with it.
        """
        shown = []
        for part in self.parts:
            more = "".join(html for tag, html in put.items() if _tagged(part, tag))
            if more or not _empty(part):
                shown.append(f"<section>{_folded(part, lang, self._ground(part))}{more}</section>")
        return "".join(shown)

    def _ground(self, part: Sequence[Piece]) -> str:
        """The places to which the findings lead that a part shows."""
        kinds = sorted({tag.removeprefix(GROUND) for piece in part for tag in piece.tags if tag.startswith(GROUND)})
        return "".join(f'<a id="{self.name}-{kind}"></a>' for kind in kinds)


def chapter(notebook: Path, lang: str, pages: Collection[str] = ()) -> Chapter:
    """Read an executed notebook in one language, without inputs and widgets.

    Parameters
    ----------
    pages
        The notebooks that have a page: a link to one of them leads there, to another one nowhere.
    """
    schemas_at_once()
    import nbformat

    cells = localised(nbformat.read(notebook, as_version=4), lang).cells
    pieces = [_piece(cell, lang, pages) for cell in cells if not HIDDEN & set(cell.metadata.get("tags", []))]
    parts: list[list[Piece]] = [[]]
    for piece in pieces:
        if piece.heading:
            parts.append([])
        parts[-1].append(piece)
    found = Chapter([part for part in parts if part], notebook.stem)
    found.sentence = next((_first_line(cell) for cell in cells if CONCLUSION in cell.metadata.get("tags", [])), "")
    bare = phrases.say("no_rows", lang)
    for part in found.parts:
        # That a table has no rows is no reason.
        why = dict.fromkeys(filter(None, ((piece.why or "").removeprefix(bare).strip() for piece in part)))
        if not why and _empty(part) and any(piece.why for piece in part):
            why = {phrases.say("nothing", lang): None}
        # What a chapter opens with stands in a part of its own further down.
        found.missing += [(part[0].heading, each) for each in why if part[0].heading]
    return found


def _piece(cell: Any, lang: str, pages: Collection[str]) -> Piece:
    tags = frozenset(cell.metadata.get("tags", []))
    if cell.cell_type == "markdown":
        # On its own a page is no step of a series.
        html = _linked(re.sub(r"<h1>\d+\w?\. ", "<h1>", _markdown()(cell.source)), pages)
        return Piece(html, re.sub(r"^## (.*)\n?[\s\S]*|[\s\S]*", r"\1", cell.source).strip(), tags=tags)
    seen = [output for output in cell.outputs if "data" in output or output.get("name") == "stdout"]
    why = [str(output.data[EMPTY]) for output in seen if EMPTY in output.get("data", {})]
    html = "".join(f'<div class="output">{_output(each)}</div>' for each in seen if EMPTY not in each.get("data", {}))
    html += "".join(_stopped(output, lang) for output in cell.outputs)
    return Piece(html, why=why[0] if why and not html else None, tags=tags, runs=True)


def _output(output: Any) -> str:
    data = output.get("data", {TEXT: output.get("text", "")})
    if HTML in data:
        return str(data[HTML])
    if SVG in data:
        return pictures.picture(data)
    return f"<pre>{escape(data.get(TEXT, ''))}</pre>"


def _stopped(output: Any, lang: str) -> str:
    """What is said where a cell could not be run."""
    if output.get("output_type") != "error":
        return ""
    return f'<p class="failed">{escape(phrases.say("report.failed", lang, why=f"{output.ename}: {output.evalue}"))}</p>'


def _empty(part: Sequence[Piece]) -> bool:
    """Whether a part has nothing to show: of what was run in it nothing is left, or it waits for what there is none of."""
    ran = [piece for piece in part if piece.runs]
    waits = _tagged(part, MISSING) or _tagged(part, CONTENTS)
    return bool(part[0].heading) and (bool(ran) or waits) and not any(piece.html for piece in ran)


def _folded(part: Sequence[Piece], lang: str, ground: str) -> str:
    """A part with what lies folded in it; its heading says what, where all of it does. What leads there opens it."""
    if FOLDED in part[0].tags and part[0].heading:
        body = "".join(piece.html for piece in part)
        return _details(part[0].heading, ground + re.sub(r"<h2>.*?</h2>", "", body, count=1))
    html, held = ground, ""
    for piece in [*part, Piece()]:
        if FOLDED in piece.tags:
            held += piece.html
            continue
        html += (_details(phrases.say("report.all", lang), held) if held else "") + piece.html
        held = ""
    return html


def _details(summary: str, body: str) -> str:
    return f"<details><summary>{escape(summary)}</summary>{body}</details>"


def _tagged(part: Sequence[Piece], tag: str) -> bool:
    return any(tag in piece.tags for piece in part)


def unseen(missing: Sequence[tuple[str, str]], lang: str) -> str:
    """What the chapters could not show, by reason, each once; nothing where they showed all."""
    heads = [phrases.say(f"report.{name}", lang) for name in ("asked", "why")]
    of: dict[str, dict[str, None]] = {}
    for heading, why in missing:
        of.setdefault(why, {})[heading] = None
    lines = [((" ／ " if lang == "ja" else " / ").join(headings), why) for why, headings in of.items()]
    return grid(heads, lines, [False, False]) if missing else ""


def _first_line(cell: Any) -> str:
    return next((str(output.data.get(TEXT, "")).split("\n")[0] for output in cell.outputs if "data" in output), "")


@cache
def _markdown() -> Any:
    import mistune

    return mistune.create_markdown(escape=True)


def _linked(html: str, pages: Collection[str]) -> str:
    """Prose whose links lead to pages of the report: to a notebook that has none they lead nowhere."""

    def follow(found: re.Match[str]) -> str:
        name, text = found.group(1), found.group(2)
        place = "index.html" if name == "report" else f"{name}.html"
        return f'<a href="{place}">{text}</a>' if name in pages else text

    return re.sub(r'<a href="(\w+)\.ipynb">(.*?)</a>', follow, html)
