"""What stands out in the cases in sight? A card for each finding, kept or put aside in the register beside the log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import anywidget
import numpy as np
import pandas as pd
import traitlets

from l2c import diagnose, engine, improve, monitor
from l2c.diagnose.actions import how_sure
from l2c.improve.entries import Judged
from l2c.log import EventLog
from l2c.log.filters import Condition
from l2c.measures.behind import BEHIND
from l2c.monitor.put_aside import DISMISSED
from l2c.prepare.pseudonyms import shown
from l2c.show import numbers
from l2c.show.filters import is_report
from l2c.show.findings import findings, sentence
from l2c.show.live import assets
from l2c.show.live.card import Lead
from l2c.show.live.selection import CASES
from l2c.show.markup import clean
from l2c.show.since_last import about
from l2c.words import phrases
from l2c.words.errors import L2CError
from l2c.words.measures import NAMES, OWN, spoken

# More cases than these are not searched while somebody waits.
MOST_SEARCHED = 20_000
# Beyond these a click shows the rest.
MOST_FIRST = 6
KEPT = "kept"
_LONGEST_NAME = 60
# How large a part of a group comes to the level of comparable ones, to be tried with a slider.
SHARES = tuple(k / 10 for k in range(11))


class Standouts(anywidget.AnyWidget):
    """The findings of the cases in sight as cards: keep, put aside with a reason, see the cases, see them on the map, try.

    Parameters
    ----------
    register
        The register beside the log (docs/register.md), or the folder in which it lies: what is kept or put aside is written
        there. Without one nothing can be remembered.
    folder
        Where the log is saved, with its `history`: by it a finding that was put aside comes back once it is worse.
    rules
        A YAML file of rules (docs/rules.md); those shipped with the kit unless given.
    lang
        `en` or `ja`.

    Attributes
    ----------
    lead
        What is done with what a person asks of a card, as for `Card`.
    """

    _esm = assets.script("dom", "standouts")
    _css = assets.styles("live", "standouts")

    spec: Any = traitlets.Dict().tag(sync=True)
    words = traitlets.Dict().tag(sync=True)
    theme = traitlets.Unicode("auto").tag(sync=True)

    def __init__(
        self,
        *,
        register: str | Path | None = None,
        folder: str | Path | None = None,
        rules: str | Path | None = None,
        lang: str = "en",
    ) -> None:
        super().__init__(words=assets.wording(phrases.language(lang)))
        self._register, self._folder, self._rules, self._lang = register, folder, rules, lang
        self._log: EventLog | None = None
        self._searched: EventLog | None = None
        self._found = pd.DataFrame()
        self.lead: Lead | None = None
        self.on_msg(self._told)
        self.spec = {"status": self._say("live.standouts.working"), "cards": []}

    def draw(self, log: EventLog) -> Iterator[None]:
        """Look for what stands out in other cases; the cards of before stay until then."""
        self._log = log
        if not log.n_cases:
            self.spec = {"status": phrases.say("nothing.cases", self._lang), "cards": []}
            return
        self.spec = self.spec | {"status": self._say("live.standouts.working")}
        yield
        try:
            self._searched = part = _part(log)
            # What takes longest is kept for a while: asked for by itself, a click in between is heard.
            for ask in (diagnose.causes, diagnose.since):
                ask(part, rules=self._rules)
                yield
            self._found = diagnose.findings(part, rules=self._rules)
        except L2CError as error:
            self.spec = {"status": error.said(self._lang), "cards": []}
            return
        self._write()

    def _write(self) -> None:
        log, lang = self._searched, self._lang
        assert log is not None and self._log is not None
        judged = self._judged()
        ids = [improve.finding_id(row) for _, row in self._found.iterrows()]
        away = self._away(ids)
        with spoken(self._found.attrs.get(OWN, {}), self._found.attrs.get(NAMES, {})):
            cards = [self._card(row, id, judged) for id, row in zip(ids, self._found.to_dict("records"), strict=True)]
        listed = [card for card in cards if card["id"] not in away]
        listed.sort(key=lambda card: not card["kept"])
        note = ""
        if log is not self._log:
            n, total = numbers.number(log.n_cases), numbers.count(self._log.n_cases, "case", lang)
            note = self._say("live.standouts.part", n=n, total=total)
        self.spec = {
            "status": "" if cards else self._none(),
            "cards": listed,
            "aside": [card | {"reason": self._reason(judged[card["id"]])} for card in cards if card["id"] in away],
            "first": MOST_FIRST,
            "writes": self._register is not None,
            "note": note,
        }

    def _none(self) -> str:
        assert self._searched is not None
        rules = diagnose.compliance(self._searched, self._rules)
        holds: dict[str, Any] = {"activities": self._searched.activities, "attributes": self._searched.attributes}
        return findings(self._found, cases=self._searched.n_cases, rules=rules, **holds, lang=self._lang).text

    def _card(self, row: dict[Any, Any], id: str, judged: Mapping[str, Judged]) -> dict[str, Any]:
        assert self._searched is not None
        lang, currency = self._lang, self._searched.currency
        title = about(row, lang)
        behind = row.get(BEHIND)
        where = [] if numbers.is_missing(behind) else [{"word": CASES, "value": {"cases": behind, "label": title}}]
        return {
            "id": id,
            "title": title,
            "size": _stake(row, 1.0, lang, currency),
            "range": _range(row, lang, currency),
            "cases": numbers.count(row["cases"], "case", lang),
            "sure": how_sure(row),
            "sure_said": phrases.say(f"actions.sure.{how_sure(row)}", lang) if how_sure(row) > 1 else "",
            "said": sentence(row, lang, currency),
            "kept": id in judged and judged[id].verdict == KEPT,
            "where": where,
            "given": row["lever"] is False,
            "tries": [_stake(row, share, lang, currency) for share in SHARES] if _can_be_tried(row) else [],
            "tries_range": [_range(row, lang, currency, share) for share in SHARES] if _can_be_tried(row) else [],
        }

    def _judged(self) -> dict[str, Judged]:
        """What the register says of findings."""
        if self._register is None:
            return {}
        assert self._log is not None
        return {each.id: each for each in improve.register(self._register, self._log.base.measures).findings}

    def _reason(self, said: Judged) -> str:
        """Why a finding was put aside, and by whom where names may be shown."""
        assert self._log is not None
        by = said.by if shown(self._log, None) else ""
        return phrases.bracketed(said.reason, by, self._lang) if said.reason and by else said.reason or by

    def _away(self, ids: list[str]) -> set[str]:
        if self._register is None:
            return set()
        assert self._searched is not None
        kept = monitor.put_aside(self._found, self._searched, self._register, self._folder)
        return set(ids) - {improve.finding_id(row) for _, row in kept.iterrows()}

    def _told(self, _: object, message: Any, __: object) -> None:
        match message:
            case {"do": "keep", "id": str(id), "by": str(by)}:
                self._judge(id, KEPT, "", by)
            case {"do": "dismiss", "id": str(id), "reason": str(reason), "by": str(by)}:
                self._judge(id, DISMISSED, reason.strip()[:500], by)
            case {"do": "show" | "narrow" | "map" as does, "id": str(id)} if self.lead is not None:
                card = next((card for card in self.spec["cards"] if card["id"] == id), None)
                if card is not None and card["where"]:
                    act = "keep" if does == "narrow" else does
                    self.lead({"do": act, "label": card["title"], **card["where"][0]["value"]})

    def _judge(self, id: str, verdict: str, reason: str, by: str) -> None:
        if self._register is None or id not in {improve.finding_id(row) for _, row in self._found.iterrows()}:
            return
        try:
            name = " ".join(clean(by).split())[:_LONGEST_NAME]
            improve.judge(self._register, id, verdict, reason, name, day=date.today())
        except (L2CError, OSError):
            self.send({"trouble": self._say("live.standouts.unwritten")})
            return
        self._write()

    def _say(self, name: str, **values: object) -> str:
        return phrases.say(name, self._lang, **values)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        said = "\n".join(f"{card['title']}: {card['size']}" for card in self.spec["cards"])
        still = {"text/plain": said or str(self.spec["status"])}
        return still if is_report() else assets.bundle(self) | still


def _part(log: EventLog) -> EventLog:
    """The cases, or as many as can be searched in time: every n-th, which is the same ones each time."""
    if log.n_cases <= MOST_SEARCHED:
        return log
    keys = np.sort(log.kept())
    some = keys[np.linspace(0, len(keys) - 1, MOST_SEARCHED).astype(int)]
    held = engine.table(pd.DataFrame({"case_key": some}), log.base.home)
    part = Condition("part", str(MOST_SEARCHED), lambda cases, _: cases.join(held, on="case_key", how="semi"))
    return replace(log, conditions=(*log.conditions, part))


def _can_be_tried(row: Mapping[Any, Any]) -> bool:
    """Whether the stake is a sum over a group that could come to the level of others, part of it or all."""
    return row["kind"] in ("cause", "bottleneck") and row["lever"] is not False


def _stake(row: Mapping[Any, Any], share: float, lang: str, currency: str | None) -> str:
    """What is at stake, in the first unit that is known: money, days, cases."""
    said = []
    if not numbers.is_missing(row["days"]):
        said.append(numbers.case_days(share * row["days"], lang))
    elif row["kind"] == "cause":
        said.append(numbers.count(round(share * abs(row["effect"]) * row["cases"]), "case", lang))
    if not numbers.is_missing(row["money"]):
        said.append(numbers.money(share * row["money"], currency, lang))
    return " · ".join(said[::-1]) or numbers.count(row["cases"], "case", lang)


def _range(row: Mapping[Any, Any], lang: str, currency: str | None, share: float = 1.0) -> str:
    """Between what the stake lies, in the unit it is told in first."""
    if row["kind"] in ("rule", "receivable", "discount"):
        # A sum of what happened; the share or the effect that is estimated, in another unit, stands in the sentence.
        return ""
    if not numbers.is_missing(row["money"]) and row["money_low"] < row["money_high"]:
        low, high = (numbers.money(share * row[end], currency, lang) for end in ("money_low", "money_high"))
        return numbers.to(low, high, lang)
    if not numbers.is_missing(row["days"]) and not numbers.is_missing(row["days_low"]):
        low, high = (numbers.case_days(share * row[end], lang) for end in ("days_low", "days_high"))
        return numbers.to(low, high, lang)
    if row["kind"] == "change":
        low, high = (numbers.number(1 + row[end], decimals=2) for end in ("low", "high"))
        return f"× {numbers.to(low, high, lang)}"
    low, high = sorted(abs(row[end]) * row["cases"] * share for end in ("low", "high"))
    return numbers.to(numbers.number(round(low)), numbers.count(round(high), "case", lang), lang)
