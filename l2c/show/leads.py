"""Where does what is told lead to? The cases of a finding, as conditions that a selection can hold."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from l2c.diagnose.causes.echoes import STUCK
from l2c.log import EventLog
from l2c.measures.behind import of_ids
from l2c.prepare import pseudonyms
from l2c.show import numbers
from l2c.show.behind import pack
from l2c.words import matching

# As causes name the quarters of a number.
_BAND = re.compile(r"(-?[\d.]+) – (-?[\d.]+)")
Condition = dict[str, Any]


def of_finding(row: Mapping[Any, Any]) -> list[Condition]:
    """The conditions that keep the cases a finding is about; none where only its cases themselves say that (a broken rule)."""
    found = []
    if isinstance(row["attribute"], list):
        found = [_group(*pair) for pair in zip(row["attribute"], row["value"], strict=True)]
    elif not numbers.is_missing(row["attribute"]):
        found = [_group(row["attribute"], row["value"])]
    step = row["step"] if isinstance(row["step"], (tuple, list)) else None
    if row["kpi"] == STUCK and step:
        found.append({"word": "includes", "value": [step[0]]})
    elif step:
        found.append({"word": "follows", "value": list(step)})
    if row["kind"] == "discount":
        found.append({"word": "discount", "value": "0.0001.."})
    if row["kind"] == "change":
        found.append({"word": "active", "value": f"{row['since']:%Y-%m-%d}.."})
    return found


def _group(attribute: str, value: Any) -> Condition:
    if numbers.is_missing(value):
        return {"word": attribute, "value": [None]}
    if band := _BAND.fullmatch(str(value)):
        return {"word": attribute, "value": f"{band[1]}..{band[2]}"}
    return {"word": attribute, "value": [value]}


def of_cases(log: EventLog, ids: Any, label: str) -> Condition:
    """The condition that keeps the cases with some ids."""
    return {"word": "cases", "value": {"cases": pack(of_ids(log, ids)), "label": label}}


def named(where: list[Condition], log: EventLog) -> list[Condition]:
    """The same conditions with the names for which pseudonyms stand, by which a selection knows them."""
    known = {told: name for name, told in pseudonyms.instead(log).items()}

    def true(word: str, value: Any) -> Any:
        if not matching.is_person(word):
            return value
        return [known.get(each, each) for each in value] if isinstance(value, list) else known.get(value, value)

    return [{**each, "value": true(str(each["word"]), each["value"])} for each in where]
