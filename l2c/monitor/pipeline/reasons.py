"""Why is a deal likelier or less likely to be won than others in its stage?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc, expit, logit, ndtri

from l2c.log import EventLog
from l2c.monitor.pipeline.chances import asked, chances
from l2c.monitor.pipeline.foretold import MOSTLY_ENDS
from l2c.monitor.pipeline.lives import DEALS, HOPED, Of
from l2c.monitor.pipeline.snapshots import Snapshots
from l2c.monitor.pipeline.tables import ipcw
from l2c.monitor.pipeline.traits import columns, said
from l2c.stats import holm
from l2c.words import vocabulary
from l2c.words.notes import Note

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

# A reason moves the chance by so much at least, and a deal has so many at most.
LEAST_POINTS, MOST_REASONS = 0.05, 3
# Whether something tells anything is tested at this level over all that is known, and then each deal's part of it.
BY_CHANCE = 0.05
# From so many rows at most is learnt what goes with winning.
ROWS_OF_REASONS = 15_000
# Coefficients (of standardised columns) are drawn towards nought a little, so that what is never seen apart has some.
DRAWN_IN = 1.0


def reasons(log: EventLog, of: Of = DEALS) -> dict[int, tuple[Note, ...]]:
    """What sets the chance of each open deal, or lead, apart from that of the others in its stage.

    Returns
    -------
    By the key of the case, the largest first: what it is, and by how many points of chance. At most three, none of people, nor
    that something bad has not happened; none where nothing is beyond chance, or the chances are those of the stages.
    """
    return log.base.memo(("reasons", of), lambda: _reasons(log, of))


def _reasons(log: EventLog, of: Of) -> dict[int, tuple[Note, ...]]:
    told = chances(log, of=of)
    if told.parts is None or not len(told):
        return {}
    found = asked(log, of)
    past = _fewer(found.rows)
    parts: list[list[tuple[float, Note]]] = [[] for _ in range(len(told))]
    odds = logit(np.clip(told.win, 1e-6, 1 - 1e-6))
    for name, part in beyond_chance(past, found.now, _together(found.of.facts.account, past)):
        # What draws the chance back to that of the stage draws back the reasons.
        points = told.win - expit(odds - told.weight * part)
        for row in np.flatnonzero(np.abs(points) >= LEAST_POINTS):
            what = said(name, past, found.now, int(row))
            if what is not None and not absent_bad_news(what, float(points[row])):
                parts[row].append((float(points[row]), what))
    quiet = found.now.numbers["quiet_days"]
    usual = _of_stages(found.decided, found.now.stage, found.now.stage)
    for row in np.flatnonzero(found.decided < MOSTLY_ENDS):
        # What it would be if it were as likely to be decided as the others.
        points = told.win[row] * (1 - usual[row] / max(found.decided[row], 1e-3))
        parts[row].append((float(max(points, -1.0)), Note("reason_never_decided", days=float(quiet[row]))))
    return {int(key): _chosen(each) for key, each in zip(told.case_key, parts, strict=True) if each}


def beyond_chance(past: Snapshots, now: Snapshots, together: Ints) -> Iterator[tuple[str, Floats]]:
    """What goes with winning beyond chance, and what it adds to the log odds of each deal of today, against its stage.

    Parameters
    ----------
    past
        Snapshots of earlier days, with how they ended.
    together
        A code for rows of the past that go together: those of one deal, or of one account.

    Notes
    -----
    A logistic regression of how deals ended on what was known of them; those that are still open count through those that
    ended (`tables.ipcw`), and errors know that a deal comes again and again (Liang and Zeger, 1986). What is known of deals is
    tested all together (Wald; Holm, 1979). A deal's part of it is told where its own interval excludes nought too, and no
    more of it than it also tells alone: of two that say nearly the same, one may have any coefficient and the other its opposite.
    """
    n, weight, won = len(past), ipcw(past), (past.how == HOPED).astype(np.float64)
    given = columns(past, now)
    if not given.names:
        return
    beta, covariance = _fitted(np.hstack([given.plain[:n], given.x[:n]]), won, weight, together)
    width = given.plain.shape[1]
    beta, covariance = beta[width:], covariance[width:, width:]
    p = holm([_wald(beta[own], covariance[np.ix_(own, own)]) for own in given.terms])
    usual = _of_stages(won, past.stage, past.stage, weight)
    for name, own, chance in zip(given.names, given.terms, p, strict=True):
        if not chance < BY_CHANCE:
            continue
        x = given.x[:, own]
        mean = np.column_stack(
            [_of_stages(term, past.stage, np.concatenate([past.stage, now.stage])) for term in x[:n].T]
        )
        apart = x - mean
        part, error = apart @ beta[own], np.sqrt(np.einsum("ij,jk,ik->i", apart, covariance[np.ix_(own, own)], apart))
        # Each of its columns might have spoken.
        far = np.abs(part) > -ndtri(BY_CHANCE / 2 / len(own)) * error
        square = float((weight * usual * (1 - usual) * part[:n] ** 2).sum())
        alone = float((weight * (won - usual) * part[:n]).sum()) / max(square, 1e-12)
        yield name, np.where(far, part, 0.0)[n:] * np.clip(alone, 0.0, 1.0)


def absent_bad_news(what: Note, points: float) -> bool:
    """Whether it is only that something bad has not happened: a no, or what lowers the chance where it has."""
    return what.id == "reason_not_seen" and (points > 0 or dict(what.values)["activity"] in vocabulary.refusals())


def _chosen(parts: list[tuple[float, Note]]) -> tuple[Note, ...]:
    order = sorted(parts, key=lambda part: (-abs(part[0]), part[1].id))
    return tuple(_with_points(what, 100 * points) for points, what in order[:MOST_REASONS])


def _with_points(what: Note, points: float) -> Note:
    if points > 0:
        return Note("reason_more", what=what, points=round(points))
    return Note("reason_less", what=what, points=round(-points))


def _fewer(rows: Snapshots) -> Snapshots:
    """The rows of every so manieth deal."""
    every = -(-len(rows) // ROWS_OF_REASONS)
    _, deal = np.unique(rows.case, return_inverse=True)
    return rows.only(deal % every == 0) if every > 1 else rows


def _together(account: Ints | None, rows: Snapshots) -> Ints:
    return rows.case if account is None else account[rows.case]


def _of_stages(values: Floats, stage: Ints, asked: Ints, weight: Floats | None = None) -> Floats:
    """The mean of the stage of each row that is asked about; of a stage that nobody was in, of all."""
    weight = np.ones(len(values)) if weight is None else weight
    many = max(int(stage.max(initial=-1)), int(asked.max(initial=-1))) + 2
    size, total = np.bincount(stage + 1, weight, many), np.bincount(stage + 1, weight * values, many)
    every = float(total.sum() / max(size.sum(), 1e-12))
    return np.where(size > 0, total / np.maximum(size, 1e-12), every)[asked + 1]


def _fitted(x: Floats, y: Floats, weight: Floats, together: Ints) -> tuple[Floats, Floats]:
    """Coefficients and their covariance."""
    some = np.flatnonzero(weight > 0)
    x, y, weight, together = x[some], y[some], weight[some], together[some]
    ridge = np.full(x.shape[1], DRAWN_IN)
    ridge[0] = 0
    beta = np.zeros(x.shape[1])
    for _ in range(30):
        chance = expit(x @ beta)
        information = (x * (weight * chance * (1 - chance))[:, None]).T @ x + np.diag(ridge)
        bread = np.linalg.pinv(information, hermitian=True)
        step = np.clip(bread @ (x.T @ (weight * (y - chance)) - ridge * beta), -3, 3)
        beta = beta + step
        if np.abs(step).max() < 1e-5:
            break
    scores = x * (weight * (y - expit(x @ beta)))[:, None]
    order = np.argsort(together, kind="stable")
    sums = np.add.reduceat(scores[order], np.flatnonzero(np.diff(together[order], prepend=-1)), axis=0)
    middle = sums.T @ sums * len(sums) / max(len(sums) - 1, 1)
    return beta, bread @ middle @ bread


def _wald(beta: Floats, covariance: Floats) -> float:
    """The chance of coefficients so far from nought."""
    far = float(beta @ np.linalg.pinv(covariance, hermitian=True) @ beta)
    rank = np.linalg.matrix_rank(covariance, hermitian=True)
    return float(chdtrc(rank, max(far, 0.0))) if rank else np.nan
