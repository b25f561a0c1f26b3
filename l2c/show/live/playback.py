"""How do the cases reach the browser, so that thousands of them flow at once?"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import numpy as np

from l2c import discover
from l2c.log import EventLog
from l2c.log.columns import MICROSECONDS_A_DAY
from l2c.show import numbers
from l2c.words import phrases, vocabulary

MOST_PLAYED = 5000
# Six colours can be told apart, also by those who see red and green alike; what is rarer is "other" and grey.
COLOURS = 6
_OTHER = 255
ATTRIBUTES = ("region", "team", "rep", "product", "segment", "lead_source")


def colours(log: EventLog, lang: str) -> list[list[str]]:
    """Say by what the cases can be coloured: id and name; lateness first."""
    named = [[name, vocabulary.label(name, lang)] for name in ATTRIBUTES if name in log.attributes]
    outcome = [["status", phrases.say("live.outcome", lang)]] if log.base.knows_outcomes else []
    return [["", phrases.say("live.lateness", lang)], *outcome, *named]


def encoded(
    log: EventLog, steps: Sequence[tuple[str, str]], attribute: str | None, lang: str
) -> tuple[dict[str, Any], bytes]:
    """Write the moves along the paths of a map as four arrays, one after the other.

    Parameters
    ----------
    steps
        The paths of the map, in its order: a move holds the number of its path.
    attribute
        What the cases are coloured by: one of `colours`; none for lateness.

    Returns
    -------
    What the bytes mean: `moves`, `first` (ISO date and time of day 0), `days`, `legend` (names by colour), `cases`,
    `note`; and little-endian float32 start (days since the first move), float32 end, uint16 path, uint8 colour.
    """
    attribute = attribute or None
    moves = discover.replay(log, most=MOST_PLAYED)
    cases = moves["case_key"].nunique()
    colour, legend = _coloured(log, attribute, moves["case_key"].to_numpy(), lang)
    place = {step: number for number, step in enumerate(steps)}
    path = np.array([place.get(step, -1) for step in zip(moves["from"], moves["to"], strict=True)], dtype=np.int64)
    first = log.clock.wall(moves["start"].min().to_pydatetime()) if len(moves) else None
    since = moves["start"].to_numpy().astype("datetime64[us]").astype("int64")
    start = (since - since.min(initial=since[0] if len(since) else 0)) / MICROSECONDS_A_DAY
    end = start + moves["wait_days"].to_numpy()
    shown = path >= 0
    data = b"".join(
        values[shown].astype(kind).tobytes()
        for values, kind in ((start, "<f4"), (end, "<f4"), (path, "<u2"), (colour, "u1"))
    )
    return {
        "moves": int(shown.sum()),
        "first": first.isoformat() if first is not None else "",
        "days": float(end.max()) if len(end) else 0.0,
        "attribute": attribute or "",
        "legend": legend,
        "note": _note(cases, log.n_cases, 1 - shown.mean() if len(shown) else 0.0, lang),
    }, data


def packed(log: EventLog, steps: Sequence[tuple[str, str]], lang: str, *, most: int) -> dict[str, Any]:
    """Write the moves of a sample of cases for a page that plays them by itself.

    Parameters
    ----------
    steps
        The paths that any of its maps shows: a move holds the number of its path.
    most
        Number of cases at most.

    Returns
    -------
    `flow`: `moves`, `first`, `days` as `encoded` gives them; `moves`: in base64 little-endian float32 start, float32 wait, uint16 path,
    uint16 number of the case; `attributes`: `id`, `name`, and for each but lateness `codes` (the colour of each case) and `legend`; `note`.
    """
    moves = discover.replay(log, most=most)
    place = {step: number for number, step in enumerate(steps)}
    path = np.array([place.get(step, -1) for step in zip(moves["from"], moves["to"], strict=True)], dtype=np.int64)
    moves, path = moves[path >= 0], path[path >= 0]
    keys, case = np.unique(moves["case_key"].to_numpy(), return_inverse=True)
    first = log.clock.wall(moves["start"].min().to_pydatetime()).isoformat() if len(moves) else ""
    start = (moves["start"] - moves["start"].min()).to_numpy() / np.timedelta64(1, "D")
    wait = moves["wait_days"].to_numpy()
    parts = ((start, "<f4"), (wait, "<f4"), (path, "<u2"), (case, "<u2"))
    data = b"".join(values.astype(kind).tobytes() for values, kind in parts)
    attributes: list[dict[str, Any]] = [{"id": id, "name": name} for id, name in colours(log, lang)]
    for each in attributes[1:]:
        codes, each["legend"] = _coloured(log, each["id"], keys, lang)
        each["codes"] = codes.tolist()
    days = float((start + wait).max()) if len(moves) else 0.0
    return {
        "flow": {"moves": len(moves), "first": first, "days": days},
        "moves": base64.b64encode(data).decode(),
        "attributes": attributes,
        "note": _note(len(keys), log.n_cases, 0.0, lang),
    }


def _coloured(log: EventLog, attribute: str | None, keys: np.ndarray, lang: str) -> tuple[np.ndarray, list[str]]:
    from l2c import engine

    if attribute is None:
        return np.zeros(len(keys), np.uint8), []
    known = engine.collect(log.cases.select("case_key", attribute)).set_index("case_key")[attribute]
    frequent = known.value_counts().index[:COLOURS].tolist()
    number = {value: place for place, value in enumerate(frequent)}
    values = known.reindex(keys)
    codes = np.array([number.get(value, _OTHER) if value == value else _OTHER for value in values], np.uint8)
    names = [phrases.say(f"outcome.{v}", lang) if attribute == "status" else str(v) for v in frequent]
    return codes, names


def _note(cases: int, of: int, hidden: float, lang: str) -> str:
    said = phrases.say("live.replay.cases", lang, n=numbers.number(cases), total=numbers.count(of, "case", lang))
    if hidden > 0:
        said += " " + phrases.say("live.replay.hidden", lang, share=numbers.percent(hidden, lang, decimals=0))
    return said
