"""Which cases are behind a number? Their places in the log, so that a page holds each id once and numbers point at them."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from l2c import engine
from l2c.log import EventLog
from l2c.log.outcomes import STATUSES
from l2c.measures.facts import Facts
from l2c.measures.observations import observations
from l2c.measures.summary import VELOCITY, shown

if TYPE_CHECKING:
    import pandas as pd

# Of each case its place among those of the whole log, by `case_key`; ascending, each once.
Places = NDArray[np.int64]
# Those behind each row of a table, in its order; None where they are not known.
Found = Iterator["Places | None"]
# Column of a table with the places of the cases behind each row, as `packed` writes them; None where they are not known.
BEHIND = "behind"
# How they are packed: a bit for each case up to the last, or how many lie between each and the next.
BITS, GAPS = 0, 1


def measured_on(log: EventLog, id: str) -> Places:
    """The cases behind the number of a measure: those whose leads, deals, quotes, orders or invoices it counts.

    Parameters
    ----------
    id
        One of `log.base.measures` except `step_days`; of `pipeline_velocity` those with the amounts.

    Returns
    -------
    Places of the cases; the same observations (`l2c.measures.summary.shown`) as are counted beside the number.
    """
    facts = Facts.of(log)
    found = observations(facts, VELOCITY[0] if id == "pipeline_velocity" else id)
    return places(facts, found.case[shown(found)])


def places(facts: Facts, rows: NDArray[np.int64]) -> Places:
    """Places in the whole log of cases given by their rows of the facts."""
    return np.unique(facts.rows[rows])


def of_keys(facts: Facts, keys: Iterable[int]) -> Places:
    """Places of cases in hand given by their keys."""
    return places(facts, facts.place[np.fromiter(keys, np.int64)])


def of_ids(log: EventLog, ids: Iterable[object]) -> Places:
    """Places of the cases with some ids; an id that the log does not have has none."""
    import pandas as pd

    wanted = {str(id) for id in ids}
    found = log.base.memo("case places", lambda: _index(log)).get_indexer(pd.Index(sorted(wanted), dtype=object))
    return np.sort(found[found >= 0]).astype(np.int64)


def cases(log: EventLog) -> pd.DataFrame:
    """What a list says of each case of the whole log.

    Returns
    -------
    One row per case, by its place: `case_id`; `opened` (day since 1970, in the zone of the business); `status`; `amount` (NaN
    where it is unknown, and everywhere where amounts are in several currencies).
    """
    import pandas as pd

    whole = Facts.of(EventLog(log.base))
    amount = whole.number("amount") if log.one_currency else np.full(len(whole), np.nan)
    status = np.array(STATUSES, object)[whole.column("status")]
    opened = whole.clock.days(whole.column("started"))
    return pd.DataFrame({"case_id": _ids(log), "opened": opened, "status": status, "amount": amount})


def ids(log: EventLog, some: Iterable[int]) -> list[str]:
    """The ids of the cases at some places, in their order."""
    return [str(id) for id in _ids(log).to_numpy(object)[np.fromiter(some, np.int64)]]


def packed(some: Iterable[int]) -> str:
    """Write places as text that is safe in an attribute, an address and a table: as bits or as gaps, whichever is shorter."""
    found = np.unique(np.asarray(some if isinstance(some, np.ndarray) else list(some), np.int64))
    data = bytes([GAPS])
    if len(found):
        data += _varints(np.diff(found, prepend=-1) - 1)
        if len(data) > found[-1] // 8 + 2:
            bits = np.zeros(int(found[-1]) + 1, np.uint8)
            bits[found] = 1
            data = bytes([BITS]) + np.packbits(bits, bitorder="little").tobytes()
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def unpacked(text: str) -> Places:
    """Read what `packed` wrote."""
    data = np.frombuffer(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), np.uint8)
    if not len(data) or data[0] == BITS:
        return np.flatnonzero(np.unpackbits(data[1:], bitorder="little"))
    last = np.flatnonzero(data[1:] < 128)
    first = np.concatenate([[0], last + 1])[:-1]
    shift = 7 * (np.arange(len(data) - 1) - np.repeat(first, last - first + 1))
    parts = (data[1:].astype(np.int64) & 127) << shift
    gaps = np.add.reduceat(parts, first) if len(first) else parts
    return np.asarray(np.cumsum(gaps + 1) - 1, np.int64)


def union(texts: Iterable[str]) -> str:
    """The places of several numbers together, each once."""
    return packed(np.concatenate([np.zeros(0, np.int64), *map(unpacked, texts)]))


def _varints(numbers: NDArray[np.int64]) -> bytes:
    """Numbers in as few bytes as each needs, seven bits a byte, the small ones first."""
    many = max(1, -(-int(numbers.max()).bit_length() // 7))
    rows = (numbers[:, None] >> (7 * np.arange(many))) & 127
    more = (numbers[:, None] >> (7 * np.arange(1, many + 1))) > 0
    there = np.hstack([np.ones((len(numbers), 1), bool), more[:, :-1]])
    return (rows | np.where(more, 128, 0))[there].astype(np.uint8).tobytes()


def _index(log: EventLog) -> pd.Index[str]:
    """Where the case of each id stands; looked up, not looked for."""
    import pandas as pd

    return pd.Index(_ids(log))


def _ids(log: EventLog) -> pd.Series[str]:
    """The id of each case of the whole log by its place."""

    def fetched() -> pd.Series[str]:
        rows = engine.collect(log.base.cases.select("case_key", "case_id"))
        return rows.sort_values("case_key", ignore_index=True)["case_id"].astype(str)

    return log.base.memo("case ids", fetched)
