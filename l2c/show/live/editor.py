"""How shall the process run? The drawing to change: a click on a step, a list of changes, and how many cases go that way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import anywidget
import pandas as pd
import traitlets

from l2c.discover import conditions
from l2c.discover.bpmn import Diagram, Point, Sheet, sheet, xml
from l2c.discover.bpmn_read import read
from l2c.improve import blocks, taking
from l2c.improve.blocks import Block
from l2c.improve.edits import Draft, Entry, cases, said
from l2c.improve.fitting import Ways
from l2c.improve.to_be import Drawing, changes
from l2c.log import EventLog
from l2c.show import numbers
from l2c.show.filters import Filters, is_report, selection_of
from l2c.show.live import assets, offers
from l2c.show.live.selection import Selection
from l2c.show.map.bpmn import drawing
from l2c.show.map.svg import cut, em, wrapped
from l2c.show.markup import Html, escape
from l2c.words import phrases, vocabulary
from l2c.words.errors import BadModel, L2CError

SIZES = {"task": (156.0, 58.0)} | {kind: (34.0, 34.0) for kind in ("start", "end", "xor", "and", "or")}
# More rows of the table are not read.
MOST_OUTSIDE = 12
# What is written on a flow is cut behind so many em; the rest is told when it is pointed at.
MOST_EM = 16.0


class Editor(anywidget.AnyWidget):
    """The process as it shall be, in JupyterLab, Notebook, VS Code and Voilà; elsewhere it is a picture with its changes.

    A click on a step asks what shall be otherwise: leave it out, in all cases or in some; begin it together with the next one; do it
    after another one; do two in one go; add one; change who does it. What no log can know is asked for. Each change stands in the list
    beside the drawing, which is the list of a file of changes, and can be taken away; the last edit can be undone. A drawing from
    elsewhere (a BPMN file) can be opened, and what is otherwise in it taken over.

    Parameters
    ----------
    log
        A log, or what `show.filters` returned.
    process
        The process as it is: what `discover.model` returns, a BPMN file, or activities that follow each other; the happy path
        unless given.
    changes
        Changes to begin with, as in a file of changes.
    lang
        `en` or `ja`.
    height
        Height of the drawing on the screen, in pixels.

    Attributes
    ----------
    changes
        The changes, as `improve.simulate(log, editor.changes)` reads them; setting them changes the drawing.
    xml
        The drawing as BPMN 2.0.
    draft
        The process as it shall be: `draft.to_yaml("change.yaml")` and `draft.diagram.save("to_be.bpmn")` write it.

    Raises
    ------
    BadModel
        If the process is no BPMN model, or its ways part and meet in no order.
    BadScenario
        If a change makes no sense for the log.
    """

    _esm = assets.script("dom", "menu", "canvas", "editor")
    _css = assets.styles("live", "map", "editor")

    spec = traitlets.Dict().tag(sync=True)
    words = traitlets.Dict().tag(sync=True)
    height = traitlets.Int(560).tag(sync=True)
    theme = traitlets.Unicode("auto").tag(sync=True)
    changes: Any = traitlets.List().tag(sync=True)
    xml = traitlets.Unicode("").tag(sync=True)

    def __init__(
        self,
        log: EventLog | Selection | Filters,
        process: Drawing | None = None,
        *,
        changes: Iterable[Mapping[str, Any]] = (),
        lang: str = "en",
        height: int = 560,
    ) -> None:
        self._ready = False
        self._other: tuple[str, list[Entry]] | None = None
        self._lang = phrases.language(lang)
        super().__init__(words=assets.wording(lang), height=height)
        self.selection = selection_of(log)
        self.draft = Draft(self.selection.whole, process, changes)
        self._choices = offers.attributes(self.selection.whole, lang)
        self._people = offers.people(self.selection.whole)
        self.selection.follow(self._follow)
        self.on_msg(self._told)
        self._follow()
        self.observe(self._set, "changes")

    @property
    def fit(self) -> pd.DataFrame:
        """How many of the chosen cases go as drawn, in all, by region and by rep; see `improve.fit`."""
        return self._ways.table(self.draft.block)

    @property
    def outside(self) -> pd.DataFrame:
        """The chosen cases that do not go as drawn."""
        return self._ways.outside(self.draft.block)

    def against(self, process: Drawing) -> pd.DataFrame:
        """What would have to change for the process to run as a drawing from elsewhere says; see `improve.changes`."""
        return changes(blocks.drawing(self.draft.as_is)[0], process)

    def _follow(self) -> None:
        """Follow a choice of cases made elsewhere."""
        self._ways = Ways(self.selection.log)
        self._was = self._ways.share(self.draft.as_is)
        self._draw()

    def _set(self, _: object) -> None:
        """Follow changes that were set as a whole."""
        if not self._ready:
            return
        try:
            self.draft.put(self.changes)
        finally:
            self._draw()

    def _told(self, _: object, message: Any, buffers: list[Any] | None = None) -> None:
        """Do what a click in the browser asks for; nonsense is left alone."""
        try:
            self._do(message, buffers or [])
        except L2CError as error:
            self.send({"trouble": error.said(self._lang)})

    def _do(self, message: Any, buffers: list[Any]) -> None:
        draft = self.draft
        other = self._other[1] if self._other else []
        match message:
            case {"do": "edit", "entry": {**entry}}:
                draft.put([*draft.entries, {str(key): value for key, value in entry.items()}])
            case {"do": "remove", "place": int(place)} if 0 <= place < len(draft.entries):
                draft.remove(place)
            case {"do": "drop", "name": str(name)}:
                added = [k for k, entry in enumerate(draft.entries) if entry.get("insert") == name]
                if added:
                    draft.remove(added[0])
            case {"do": "undo"}:
                draft.undo()
            case {"do": "clear"}:
                draft.put(())
            case {"do": "open", "name": str(name)} if buffers:
                self._other = name[:80], taking.wanted(draft, _read(buffers[0], name[:80]))
            case {"do": "close"}:
                self._other = None
            case {"do": "take", "place": int(place), "more": {**more}} if 0 <= place < len(other):
                # A second click, before the list was drawn anew, is none.
                if not taking.taken(other[place], draft.entries):
                    whole = {**other[place], **{str(key): value for key, value in more.items()}}
                    draft.put([*draft.entries, {key: value for key, value in whole.items() if value is not None}])
            case {"do": "take_all"}:
                taking.take(draft, other)
            case _:
                return
        self._draw()

    def _draw(self) -> None:
        draft, lang = self.draft, self._lang
        block = draft.block
        diagram, shown = blocks.drawing(block)
        texts = {flow: _condition(text, lang) for flow, text in diagram.conditions}
        plan = sheet(
            diagram, across=False, sizes=SIZES, labels={flow: (said["label_w"], 16.0) for flow, said in texts.items()}
        )
        table = self._ways.table(block)
        tasks = [task for task in shown if task is not None]
        desc = phrases.say(
            "live.edit.desc", lang, tasks=numbers.number(len(tasks)), changes=numbers.number(len(draft.entries))
        )
        spec = {
            "title": phrases.say("live.edit.title", lang),
            "desc": desc,
            "width": plan.width,
            "height": plan.height,
            "nodes": [
                _node(node.id, node.kind, task, plan, lang) for node, task in zip(diagram.nodes, shown, strict=True)
            ],
            "edges": [
                _edge(pair, corners, middle) | texts.get(pair, {})
                for pair, corners, middle in zip(_pairs(diagram), plan.flows, plan.labels, strict=True)
            ],
            "offers": {name: draft.offers(name) for name in dict.fromkeys(task.name for task in tasks)},
            "labels": {name: vocabulary.label(name, lang) for name in self._named(tasks)},
            "activities": list(draft.log.activities),
            "where": self._choices,
            "people": self._people,
            "list": draft.said(lang),
            "undo": draft.can_undo,
            "fit": self._fit(table),
            "other": self._otherwise(),
        }
        self._seen = diagram
        # Told once: what follows the changes of the browser is not asked again.
        self._ready = False
        with self.hold_sync():
            self.spec, self.changes, self.xml = spec, [dict(entry) for entry in draft.entries], xml(diagram)
        self._ready = True

    def _otherwise(self) -> dict[str, Any] | None:
        """What a drawing from elsewhere has otherwise: in words, whether it is taken over, and what it needs or why it cannot be."""
        if self._other is None:
            return None
        name, entries = self._other
        rows = []
        for entry in entries:
            problem = taking.trouble(entry, self.draft.log, [*self.draft.entries, *entries])
            row = {"said": said(entry, self._lang), "taken": taking.taken(entry, self.draft.entries)}
            rows.append(row | {"needs": taking.needs(entry), "why": problem.said(self._lang) if problem else ""})
        return {"name": name, "rows": rows}

    def _named(self, tasks: list[Block]) -> set[str]:
        return {*self.draft.log.activities, *(task.name for task in tasks)}

    def _fit(self, table: pd.DataFrame) -> dict[str, Any]:
        lang, every = self._lang, table.iloc[0]
        share, was = (numbers.percent(value, lang, decimals=0) for value in (every["share"], self._was))
        told = phrases.say("live.edit.fit", lang, share=share, cases=numbers.count(int(every["cases"]), "case", lang))
        if self.draft.entries:
            told = phrases.say("live.edit.fit_was", lang, now=told, was=was)
        rows = [
            [
                vocabulary.label(row["about"], lang),
                str(row["value"]),
                numbers.number(row["cases"]),
                numbers.percent(row["share"], lang, decimals=0),
                float(row["share"]),
            ]
            for _, part in table.iloc[1:].groupby("about", sort=False)
            for row in part.head(MOST_OUTSIDE).to_dict("records")
        ]
        return {"said": told, "rows": rows}

    @property
    def picture(self) -> Html:
        """What is seen, without anything to click: the drawing, the changes in words, and the cases that go that way."""
        told = self.spec["fit"]["said"]
        drawn = drawing(self._seen, told, lang=self._lang)
        items = "".join(f"<li>{escape(each)}</li>" for each in self.spec["list"])
        head = escape(phrases.say("live.edit.list" if items else "live.edit.none", self._lang))
        text = "\n".join([self.spec["title"], *self.spec["list"], told])
        return Html(f"{drawn.html}<p>{head}</p><ol>{items}</ol>" if items else f"{drawn.html}<p>{head}</p>", text)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        still = self.picture._repr_mimebundle_()
        return still if is_report() else assets.bundle(self) | still

    def __repr__(self) -> str:
        return self.picture.text


def _read(content: Any, name: str) -> Diagram:
    try:
        return read(bytes(content))
    except BadModel as problem:
        raise BadModel.unreadable(name) from problem


def _pairs(diagram: Diagram) -> list[tuple[str, str]]:
    return [pair for pair in diagram.flows if pair[0] != pair[1]]


def _node(id_: str, kind: str, task: Block | None, plan: Sheet, lang: str) -> dict[str, Any]:
    x, y = plan.nodes[id_]
    width, height = SIZES[kind]
    node: dict[str, Any] = {"id": id_, "kind": kind, "x": x, "y": y, "w": width, "h": height, "title": "", "events": 1}
    if task is None:
        return node
    names = [vocabulary.label(name, lang) for name in (task.with_, task.name) if name]
    lines = wrapped(" + ".join(names), 10.5)[:2]
    pad = (height - 17 * (len(lines) + bool(task.who))) / 2 - 3
    title = " + ".join(names) + (f"\n{task.who}" if task.who else "")
    return node | {
        "kind": "activity", "name": task.name, "lines": lines, "number": task.who, "pad": pad, "shade": 0.2, "title": title,
    }  # fmt: skip


def _edge(pair: tuple[str, str], corners: tuple[Point, ...], label: Point) -> dict[str, Any]:
    d = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in corners)
    # Its events are no number of this drawing.
    return {"source": pair[0], "target": pair[1], "d": d, "stroke": 1.5, "kind": "", "title": "", "label": "",
            "label_x": label[0], "label_y": label[1], "label_w": 0, "label_h": 0, "events": 1}  # fmt: skip


def _condition(text: str, lang: str) -> dict[str, Any]:
    """What is written on a flow, as long as there is room for it."""
    where = conditions.read(text)
    told = cases(where, lang) if where else text
    short = cut(told, MOST_EM)
    return {"label": short, "title": told, "label_w": 11 * em(short) + 8, "label_h": 16.0}
