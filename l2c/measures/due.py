"""Until when is an invoice to be paid?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c.measures.facts import NEVER, Facts, as_times
from l2c.words import payment_terms

TERMS = "payment_terms"


def due_days(facts: Facts, sent: pd.DataFrame) -> NDArray[np.int64]:
    """Last day on which each invoice is paid in time, in days since 1970; -1 where nothing tells.

    It is the due date, else what the terms of the invoice say, else those of the deal.

    Parameters
    ----------
    sent
        A row per invoice: `case` (row of the facts), `time` of sending, `due_date`, and its terms where it has some.
    """
    day = facts.days(sent["time"].to_numpy(np.int64))
    due = _by_terms(facts, sent["case"].to_numpy(np.int64), day)
    if f"{TERMS}_days" in sent:
        days = pd.to_numeric(sent[f"{TERMS}_days"], errors="coerce").to_numpy(np.float64)
        due = np.where(np.isnan(days), due, day + np.nan_to_num(days).astype(np.int64))
    if TERMS in sent:
        due = _with_terms(sent[TERMS].to_numpy(object), day, due)
    stated = as_times(sent["due_date"].to_numpy())
    return np.where(stated == NEVER, due, facts.clock.of_dates.days(stated))


def _by_terms(facts: Facts, case: NDArray[np.int64], sent: NDArray[np.int64]) -> NDArray[np.int64]:
    """Last day on which an invoice is paid in time by the payment terms of its case; -1 where there are none.

    `case` is the row of the facts, for each invoice, `sent` the day on which it was sent.
    """
    days = facts.number(f"{TERMS}_days")[case]
    due = np.where(np.isnan(days), -1, sent + np.rint(np.nan_to_num(days)).astype(np.int64))
    if TERMS not in facts.log.attributes:
        return due
    said = facts.attribute(TERMS).to_numpy(object)
    return _with_terms(said[case], sent, due)


def _with_terms(said: NDArray[Any], sent: NDArray[np.int64], due: NDArray[np.int64]) -> NDArray[np.int64]:
    """Days due by terms in words, such as `月末締め翌月末払い`; those of `due` where the words do not tell."""
    agreed = {text: payment_terms.terms(text) for text in set(said) if isinstance(text, str)}
    found = due.copy()
    for row, text in enumerate(said):
        if isinstance(text, str) and (each := agreed[text]) is not None:
            found[row] = payment_terms.due_day(int(sent[row]), each)
    return found
