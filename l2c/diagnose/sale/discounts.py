"""Do discounts win deals?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c import stats
from l2c.diagnose.causes import mix, targets
from l2c.diagnose.causes.attributes import attributes
from l2c.diagnose.sale.leakage import POINT
from l2c.log import EventLog
from l2c.measures.behind import Places, places
from l2c.measures.facts import NEVER, Facts
from l2c.words.errors import BadMargin
from l2c.words.notes import Note, several

Floats = NDArray[Any]
EFFECT = (
    "verdict", "reason", "value", "low", "high", "cases", "censored", "raw", "raw_low", "raw_high", "crossfit",
    "crossfit_low", "crossfit_high", "robustness", "strongest", "strongest_of", "support", "margin",
    "margin_needed", "useful", "bend_p", "knot", "below_knot", "above_knot", "adjusted_for", "pooled",
)  # fmt: skip
# Fewer deals with a known discount than this, or fewer won or lost ones, say nothing either way.
FEWEST_DEALS, FEWEST_EACH = 200, 40
FOLDS = 5
# Attributes that tell of competition, by which both discounts and losses are driven.
CONFOUNDERS = ("amount", "segment", "product", "lead_source", "competitor", "rep")
RIVALS = ("competitor", "competition", "競合")
# What is left of the list price where little is spent on what is sold, as with software; most who sell keep less of it.
USUAL_MARGIN = 0.8
# A bend that chance alone would show so rarely counts.
BENT = 0.01


def discounts(log: EventLog, *, margin: float | None = None, level: float = 0.95) -> pd.DataFrame:
    """What one more percentage point of discount does to the chance of winning, other things equal.

    Parameters
    ----------
    margin
        Part of the list price that is left once what is sold is made or bought, without a discount (1: only the
        revenue counts). A verdict that discounts do not pay hangs on it; 0.8 is assumed where none is given, and said.
    level
        Level of the intervals.

    Returns
    -------
    One row: `verdict` (`raises`, `lowers`; `bends`: up to `knot` another effect than beyond; `none`: no effect that would
    pay at this margin, since even `high` is below `useful`; `unknown`: cannot be judged from these data, or the interval is too wide);
    `reason` (what the verdict rests on, or None); `value, low, high`: change of the chance to win per point of
    discount (0.01 is one percentage point), after adjusting; `cases` (deals old enough that are won or lost) and
    `censored` (share of the deals that are too young or still open); `raw` with its interval: the confounded slope as
    it stands; `crossfit` with its interval: the same by cross-fitted partialling-out, as a check; `robustness`: the
    part of what is left of both discount and winning that an unseen factor would have to explain to bring the effect
    to nothing; `strongest`, `strongest_of`: the same part for the strongest attribute in the log, to compare with;
    `support` (share of the deals whose discount varies among deals like them); `margin`; `margin_needed`: the
    margin from which on an effect as large as `high` would pay (above 1, or missing where `high` is below nought: whatever
    the margin, none pays); `useful`: the effect from which a point pays for itself at this margin (it
    costs a point on each deal that is won anyway); `bend_p`: how
    often chance alone would bend the effect so much; where it is bent, the discount `knot` at which, and the effect
    `below_knot` and `above_knot`; `adjusted_for`; `pooled`: attributes of which more than half of the deals have a value
    of their own, which were put together.

    Raises
    ------
    BadMargin
        Where the margin is not a part of one.

    Notes
    -----
    Logistic regression on the discount, its square and cube and the mix of deals, averaged over the deals (average
    marginal effect, delta method on the robust covariance), so that an effect that bends is averaged as it is; check by partialling out with folds (Chernozhukov and others, 2018); sensitivity
    by Cinelli and Hazlett (2020). Attributes of many values (accounts, hundreds of reps) by the mean discount of their
    deals (Mundlak, 1978); errors know that deals of one account go together. Bend: Wald's test of the square and cube,
    then the one knot that fits best. Deals that were quoted only, where the log knows quotes. An association: discounts
    that react to trouble cannot be told from ones that cause it. In a log that tells nothing of competitors an
    effect that is clear, or leans to one side, gets the verdict `unknown`: in a trial the sign was wrong without that field.
    """
    if margin is not None and not 0 < margin <= 1:
        raise BadMargin.out_of_range(margin)
    facts = Facts.of(log)
    found = targets.target(facts, "win_rate_incidence")
    discount = facts.number("discount")
    if found is None or np.isnan(discount).all():
        return _unknown(Note("no_discounts"), 0, np.nan)
    quoted = _quoted(facts)[found.case]
    case, won = found.case[quoted], found.value[quoted]
    if not len(case):
        return _unknown(Note("no_discounts"), 0, found.left_out)
    known = ~np.isnan(discount[case])
    lost_known, won_known = known[won == 0].mean(), known[won == 1].mean()
    if abs(lost_known - won_known) > mix.UNEVEN:
        return _unknown(Note("one_sided_discounts"), int(known.sum()), found.left_out)
    case, won = case[known], won[known]
    if len(case) < FEWEST_DEALS or min(won.sum(), len(won) - won.sum()) < FEWEST_EACH or np.ptp(discount[case]) == 0:
        return _unknown(Note("few_discounts"), len(case), found.left_out)
    points = discount[case] / POINT
    base, used, pooled = _base(facts, case, won, points)
    left = points - stats.linear(base, points).fitted
    support = float(left.var() / points.var())
    together = None if facts.account is None else facts.account[case]
    effect, bend = _marginal(points, base, won, level, together)
    raw = _slope(np.column_stack([points, np.ones(len(points))]), won, level)
    check = _crossfit(points, won, base, level)
    robust, strongest, strongest_of = _sensitivity(points, won, base, facts, case, used)
    kept = USUAL_MARGIN if margin is None else margin
    given, each = float(discount[case].mean()), POINT * float(won.mean())
    useful = each / max(kept - given, POINT)
    needed = given + each / effect.high if effect.high > 0 else np.nan
    knot = _knot(points, won, base) if bend <= BENT else (np.nan, np.nan, np.nan)
    verdict, reason = _verdict(effect, check, support, robust, strongest, _lacking(facts), useful, knot)
    hangs = verdict == "none" and margin is None and needed <= 1
    assumed = Note("margin_assumed", margin=round(kept * 100), needed=round(needed * 100)) if hangs else None
    apart = Note("values_apart", attributes=list(pooled)) if pooled and verdict != "unknown" else None
    reason = several([assumed, reason, apart])
    row = (
        verdict, reason, *effect, len(case), found.left_out, *raw, *check, robust, strongest, strongest_of, support,
        kept, needed, useful, bend, *knot, used, pooled,
    )  # fmt: skip
    return pd.DataFrame([row], columns=list(EFFECT))


def compared(log: EventLog) -> Places:
    """The cases that `discounts` compares: quoted, won or lost, of a known discount."""
    facts = Facts.of(log)
    found = targets.target(facts, "win_rate_incidence")
    case = np.zeros(0, np.int64) if found is None else found.case
    known = ~np.isnan(facts.number("discount"))
    return places(facts, case[(_quoted(facts) & known)[case]])


def _quoted(facts: Facts) -> NDArray[np.bool_]:
    """Which deals were quoted, where the log knows: one that was lost before anybody quoted had no discount to be missing."""
    quoted = facts.first("Quote Sent", "Quote Created", "Quote Accepted") != NEVER
    return quoted if quoted.any() else np.ones(len(facts), bool)


def _base(
    facts: Facts, case: NDArray[np.int64], won: Floats, points: Floats, without: tuple[str, ...] = ()
) -> tuple[Floats, tuple[str, ...], tuple[str, ...]]:
    """The mix of deals, many-valued attributes by the mean discount of their deals."""
    many_valued = (a.name for a in attributes(facts) if len(a.values) > mix.MANY_VALUES)
    terms, used = mix.terms(facts, case, won, without=("discount", *without, *many_valued))
    more, many, pooled = mix.means(facts, case, won, points, without=("discount", *without))
    return np.hstack([terms, more]), tuple(sorted({*used, *many})), pooled


def _marginal(
    points: Floats, base: Floats, won: Floats, level: float, together: NDArray[np.int64] | None
) -> tuple[stats.Estimate, float]:
    """Average change of the chance per point, and how often chance alone would bend the effect over the range so much."""
    from scipy.special import chdtrc

    curve, per_point = _curve(points)
    x, of = np.column_stack([curve, base]), curve.shape[1]
    fit = stats.logistic(x, won)
    covariance = fit.covariance
    if together is not None:
        covariance = covariance + stats.of_groups(x, fit, won, together, share=True)
    p = fit.fitted
    spread, each = p * (1 - p), per_point @ fit.beta[:of]
    value = float((spread * each).mean())
    slope = ((spread * (1 - 2 * p) * each)[:, None] * x).mean(axis=0)
    slope[:of] += (spread[:, None] * per_point).mean(axis=0)
    half = stats.normal(level) * max(float(slope @ covariance @ slope), 0.0) ** 0.5
    bends = fit.beta[1:of]
    wald = bends @ np.linalg.pinv(covariance[1:of, 1:of], hermitian=True) @ bends
    return stats.Estimate(value, value - half, value + half), float(chdtrc(of - 1, wald)) if of > 1 else 1.0


def _curve(points: Floats) -> tuple[Floats, Floats]:
    """Discounts, their square and cube, each without what those before it tell; and by how much each grows per point."""
    degree = min(3, len(np.unique(points)) - 1)
    z = (points - points.mean()) / points.std()
    powers = np.vander(z, degree + 1, increasing=True)
    grows = np.column_stack([np.zeros(len(z)), powers[:, :-1] * np.arange(1, degree + 1)]) / points.std()
    apart = np.linalg.inv(np.linalg.qr(powers)[1])[:, 1:] * len(z) ** 0.5
    return powers @ apart, grows @ apart


def _knot(points: Floats, won: Floats, base: Floats) -> tuple[float, float, float]:
    """The discount at which the effect bends most likely, and the effect per point below and above it."""
    best, found = -np.inf, (np.nan, np.nan, np.nan)
    for knot in np.unique(np.quantile(points, np.linspace(0.15, 0.85, 8))):
        x = np.column_stack([np.minimum(points, knot), np.maximum(points - knot, 0.0), base])
        fit = stats.logistic(x, won)
        p = np.clip(fit.fitted, 1e-12, 1 - 1e-12)
        fits = float((won * np.log(p) + (1 - won) * np.log(1 - p)).sum())
        if fits > best:
            spread = float((p * (1 - p)).mean())
            best, found = fits, (float(knot) * POINT, spread * float(fit.beta[0]), spread * float(fit.beta[1]))
    return found


def _slope(x: Floats, y: Floats, level: float) -> stats.Estimate:
    fit = stats.linear(x, y)
    half = stats.normal(level) * float(fit.covariance[0, 0]) ** 0.5
    return stats.Estimate(float(fit.beta[0]), float(fit.beta[0]) - half, float(fit.beta[0]) + half)


def _crossfit(points: Floats, won: Floats, base: Floats, level: float) -> stats.Estimate:
    """Slope of what the mix does not explain of winning on what it does not explain of the discount."""
    fold = np.arange(len(won)) % FOLDS
    left_d, left_w = np.empty(len(won)), np.empty(len(won))
    for k in range(FOLDS):
        here, rest = fold == k, fold != k
        left_d[here] = points[here] - base[here] @ stats.linear(base[rest], points[rest]).beta
        eta = base[here] @ stats.logistic(base[rest], won[rest], 1e-3).beta
        left_w[here] = won[here] - 1 / (1 + np.exp(-np.clip(eta, -30, 30)))
    return _slope(np.column_stack([left_d, np.ones(len(left_d))]), left_w, level)


def _sensitivity(
    points: Floats, won: Floats, base: Floats, facts: Facts, case: NDArray[np.int64], used: tuple[str, ...]
) -> tuple[float, float, str | None]:
    """Robustness value of the effect, and that of the strongest attribute in the log."""
    x = np.column_stack([points, base])
    fit = stats.linear(x, won)
    freedom = len(won) - np.linalg.matrix_rank(x)
    t2 = float(fit.beta[0] ** 2 / max(float(fit.covariance[0, 0]), 1e-300))
    f2 = t2 / max(freedom, 1)
    robust = 0.5 * (np.sqrt(f2**2 + 4 * f2) - f2)
    best, name = 0.0, None
    whole = _left(base, points), _left(x, won)
    for attribute in (name for name in used if name != "opened"):
        less = _base(facts, case, won, points, (attribute,))[0]
        # What the attribute explains of both, once the others are known: the geometric mean of the two parts.
        of_discount = 1 - whole[0] / max(_left(less, points), 1e-300)
        of_winning = 1 - whole[1] / max(_left(np.column_stack([points, less]), won), 1e-300)
        part = float(np.sqrt(max(of_discount, 0.0) * max(of_winning, 0.0)))
        if part > best:
            best, name = part, attribute
    return float(robust), best, name


def _left(x: Floats, y: Floats) -> float:
    return float(((y - stats.linear(x, y).fitted) ** 2).sum())


def _verdict(
    effect: stats.Estimate,
    check: stats.Estimate,
    support: float,
    robust: float,
    strongest: float,
    lacking: list[str],
    useful: float,
    knot: tuple[float, float, float],
) -> tuple[str, Note | None]:
    """The verdict, and what to know with it."""
    sure = effect.low > 0 or effect.high < 0
    lacks = Note("lacks", attributes=lacking) if lacking else None
    if support < 0.05:
        return "unknown", Note("same_discounts")
    if not sure and np.isnan(knot[0]):
        # That nothing was found is a result only where what would pay is ruled out.
        if effect.high >= useful:
            return "unknown", several([Note("wide_effect"), lacks])
        # An effect that leans to one side by more than a standard error may be that of competitors, nearly hidden.
        if "competitor" not in lacking or abs(effect.value) <= (effect.high - effect.low) / 4:
            return "none", lacks
    if "competitor" in lacking:
        return "unknown", Note("lacks_drivers", attributes=lacking)
    if not sure:
        return "bends", lacks
    if check.value * effect.value <= 0:
        return "unknown", Note("signs_differ")
    bent = None if np.isnan(knot[0]) else Note("bent_effect", knot=round(knot[0] * 100, 1))
    fragile = Note("fragile") if robust <= strongest else None
    return ("raises" if effect.value > 0 else "lowers"), several([lacks, fragile, bent])


def _lacking(facts: Facts) -> list[str]:
    """What usually drives discounts and winning alike, and is not in the log."""
    there = [name for name in CONFOUNDERS if name in facts.log.attributes]
    rivals = any(word in name.lower() for name in facts.log.attributes for word in RIVALS)
    return [name for name in CONFOUNDERS if name not in there and not (name == "competitor" and rivals)]


def _unknown(reason: Note, cases: int, censored: float) -> pd.DataFrame:
    row = dict.fromkeys(EFFECT, np.nan) | {"verdict": "unknown", "reason": reason, "cases": cases, "censored": censored}
    return pd.DataFrame([row | {"strongest_of": None, "adjusted_for": (), "pooled": ()}], columns=list(EFFECT))
