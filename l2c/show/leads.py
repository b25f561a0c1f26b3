"""By what names does a selection know what a view leads to?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from l2c.log import EventLog
from l2c.prepare import pseudonyms
from l2c.words import matching

Condition = dict[str, Any]


def named(where: Sequence[Condition], log: EventLog) -> list[Condition]:
    """The same conditions with the names of people for which a comparison showed pseudonyms."""
    known = {told: name for name, told in pseudonyms.instead(log).items()}

    def true(value: Any) -> Any:
        return [true(each) for each in value] if isinstance(value, list) else known.get(value, value)

    return [each | {"value": true(each["value"])} if matching.is_person(each["word"]) else each for each in where]
