"""On which day is an open invoice paid, if we go on as before?"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from l2c import stats
from l2c.monitor.pipeline.bills import Bills
from l2c.monitor.pipeline.payers import Payers, payers

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

# From so many invoices at most the shape of the days is learnt, and beside each payment so many days without one are looked at.
MOST_SHAPED, WITHOUT = 6000, 4
# How strongly coefficients are held near nought (ridge): those of days, so that none is endless; those of traits, most of which
# tell nothing.
LOOSE, TIGHT = 0.1, 5.0
# Parts of the payments between which the chance of a day goes straight, by days after the due day and by days after the customer's
# usual day; days around the due day that stand for themselves.
BY_DUE, BY_USUAL, AROUND = (
    (0.0, 0.05, 0.15, 0.3, 0.5, 0.7, 0.85, 0.95, 0.99),
    (0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 0.98),
    (-1, 0, 1),
)
# Of what is left long after nearly all have paid, hardly anybody pays any more: days are told apart up to so many times that.
FAR_BEYOND = (2.0, 4.0)


@dataclass(frozen=True, eq=False)
class Paying:
    """The chance of each day to be the day of payment of an invoice that is open still.

    Attributes
    ----------
    payers
        How customers usually pay.
    due_knots, usual_knots
        Days after the due day and after the customer's usual one between which the chance goes straight.
    beta, covariance
        Coefficients: the constant, the days after the due day, the weekday, the traits before and after the due day, the customer's
        place before and after it, the days after the usual one.
    root
        A root of the covariance.
    names
        What the traits are.
    """

    payers: Payers
    due_knots: Floats
    usual_knots: Floats
    beta: Floats
    covariance: Floats
    root: Floats
    names: tuple[tuple[str, object], ...]

    def log_odds(self, rows: Bills, day: Ints, place: Floats) -> Floats:
        """Of each invoice and day (a column each) the log odds of payment on it; `place` is the customer's of each invoice."""
        by_due, weekday, before, after, places, by_usual = self._parts()
        off = (day - rows.due[:, None]).astype(np.float64)
        late = off > 0
        found = np.interp(off, self.due_knots, by_due) + weekday[day % 7]
        found += np.where(late, (rows.traits @ after)[:, None], (rows.traits @ before)[:, None])
        if len(self.usual_knots):
            found += place[:, None] * np.where(late, places[1], places[0])
            found += np.interp(off - self.payers.usual(place)[:, None], self.usual_knots, by_usual)
        return found

    def left(self, rows: Bills, day: Ints, place: Floats) -> Floats:
        """Of each invoice the share that is not paid at the end of some days in a row, of what was open before the first."""
        return np.exp(np.cumsum(np.log1p(-expit(self.log_odds(rows, day, place))), axis=1))

    def drawn(self, step: Floats) -> Paying:
        """The same with coefficients so many standard errors off, a normal number for each of them."""
        return replace(self, beta=self.beta + self.root @ step)

    def of_traits(self) -> tuple[Floats, Floats]:
        """What each trait adds before the due day, and its standard error."""
        begin = len(self.due_knots) + 6
        some = slice(begin, begin + len(self.names))
        return self.beta[some], np.sqrt(np.diag(self.covariance))[some]

    def _parts(self) -> tuple[Floats, Floats, Floats, Floats, Floats, Floats]:
        sizes = np.cumsum([len(self.due_knots), 6, len(self.names), len(self.names), 2 * bool(len(self.usual_knots))])
        due, weekday, before, after, places, usual = np.split(self.beta, sizes)
        due = np.concatenate([[0.0], due[1:]]) + due[0]
        return due, np.append(weekday, 0.0), before, after, places, np.concatenate([[0.0], usual])


def learn(known: Bills, seed: int = 0) -> Paying:
    """Learn from invoices as they are known on a day.

    Notes
    -----
    A logistic regression of payment on each day on which an invoice was open (discrete-time survival; Efron, 1988): by days after
    the due day, days after the day that is usual for the customer (by its other invoices, see `payers`), the weekday, and what
    is known of the invoice, with a ridge. Open invoices count for the days on which they were watched, those of late entry from
    then on; what was written off is never paid. Of days without payment some are drawn, and the constant is put right (Prentice
    and Pyke, 1979).
    """
    how = payers(known)
    row, day, paid, dropped = _days(known, seed)
    after = (day - known.due[row]).astype(np.float64)
    usual = how.usual(how.others)
    seen = (known.end - known.due)[known.paid].astype(np.float64)
    knots = _knots(seen, BY_DUE, [*AROUND, *(seen.max() * k for k in FAR_BEYOND if seen.max() > 0)])
    late = after > 0
    traits = known.traits[row]
    parts = [
        np.ones((len(row), 1)),
        _hats(after, knots),
        _weekdays(day),
        traits * ~late[:, None],
        traits * late[:, None],
    ]
    near = np.zeros(0)
    if len(how.place):
        place = how.others[row]
        near = _knots(seen - usual[known.paid], BY_USUAL, [])
        parts += [(place * ~late)[:, None], (place * late)[:, None], _hats(after - usual[row], near)]
    x = np.hstack(parts)
    tight = (3, 4)
    penalty = np.concatenate([np.full(each.shape[1], TIGHT if k in tight else LOOSE) for k, each in enumerate(parts)])
    penalty[0] = 1e-6
    fit = stats.logistic(x, paid.astype(np.float64), penalty)
    beta = fit.beta.copy()
    beta[0] -= np.log(dropped)
    value, vector = np.linalg.eigh(fit.covariance)
    root = vector * np.sqrt(np.maximum(value, 0.0))
    return Paying(how, knots, near, beta, fit.covariance, root, known.names)


def _days(known: Bills, seed: int) -> tuple[Ints, Ints, NDArray[np.bool_], float]:
    """Days on which invoices were open: invoice, day, whether it was paid on it; and how many days each without payment stands for."""
    order = np.lexsort((known.number, known.sent))
    kept = np.sort(order[:: max(len(order) // MOST_SHAPED, 1)]) if len(order) > MOST_SHAPED else np.arange(len(order))
    # Who is paid is at risk on that day too; who is not was seen on the last one.
    many = (np.where(known.lost, known.today, known.end) - known.entry + 1)[kept]
    first = np.cumsum(many) - many
    total, events = int(many.sum()), int(known.paid[kept].sum())
    rng = np.random.default_rng([seed, 31])
    wanted = max(WITHOUT * events, 2000)
    last = first + many - 1
    is_paid = np.zeros(total, bool)
    is_paid[last[known.paid[kept]]] = True
    if total - events > wanted:
        some = np.sort(rng.choice(total, wanted, replace=False))
        some = np.union1d(some[~is_paid[some]], np.flatnonzero(is_paid))
        dropped = (total - events) / max((~is_paid[some]).sum(), 1)
    else:
        some, dropped = np.arange(total), 1.0
    which = np.searchsorted(last, some)
    row = kept[which]
    return row, known.entry[row] + some - first[which], is_paid[some], float(dropped)


def _knots(days: Floats, parts: tuple[float, ...], more: list[float]) -> Floats:
    return np.unique(np.concatenate([np.quantile(days, parts).round(), np.asarray(more, np.float64)]))


def _hats(x: Floats, knots: Floats) -> Floats:
    """A column for each knot but the first: 1 at it, straight to 0 at its neighbours."""
    x = np.clip(x, knots[0], knots[-1])
    place = np.clip(np.searchsorted(knots, x, "right") - 1, 0, max(len(knots) - 2, 0))
    found = np.zeros((len(x), len(knots)))
    if len(knots) > 1:
        part = (x - knots[place]) / (knots[place + 1] - knots[place])
        found[np.arange(len(x)), place], found[np.arange(len(x)), place + 1] = 1 - part, part
    return found[:, 1:]


def _weekdays(day: Ints) -> Floats:
    """A column for each day of the week but the last."""
    return (day[:, None] % 7 == np.arange(6)).astype(np.float64)
