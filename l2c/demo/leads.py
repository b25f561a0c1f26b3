"""Who comes, when, from where, and who becomes a deal?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from l2c.demo import business as b
from l2c.demo.calendar import UTC_OFFSET, day, month, worked
from l2c.demo.chance import Chance, Codes, Flags, Floats
from l2c.demo.levels import level

FIRST, LAST = "2024-07-01", "2026-07-01"  # the last day is not in it any more
GROWTH = 0.30  # a year, of the logarithm
OF_EXISTING = 0.19  # share of cases that start as a deal with a customer, without a lead
BY_MONTH = np.array([0.93, 1.0, 1.12, 1.02, 0.97, 1.06, 0.92, 0.80, 1.08, 1.10, 1.06, 0.78])
BY_WEEKDAY = np.array([1.10, 1.10, 1.05, 1.02, 0.93, 0.18, 0.14])


@dataclass
class Cases:
    """Every case, by code of what it belongs to; times are local days, NaN where it never happens."""

    region: Codes
    segment: Codes
    product: Codes
    source: Codes
    rep: Codes
    account: Codes
    amount: Floats
    lead: Floats
    qualified: Floats
    opened: Floats  # the lead is converted in the same second


def cases(chance: Chance, off: frozenset[str]) -> Cases:
    """Make the cases: leads, some of which convert, and deals with existing customers."""
    region = chance.choice("region", b.REGION_SHARES)
    segment = chance.choice("segment", b.SEGMENT_SHARES)
    product = chance.choice("product", b.PRODUCT_SHARES[segment])
    existing = chance.hits("existing", OF_EXISTING)
    source = np.where(existing, b.EXISTING, chance.choice("source", b.SOURCE_SHARES))
    arrived = _arrivals(chance, region, source, off)
    size = np.log(b.MEDIAN_AMOUNT[segment] * b.PRODUCT_AMOUNT[product]) + 0.55 * chance.normal("amount")
    lead = np.where(existing, np.nan, arrived)
    converts = _converts(chance, source, off) & ~existing
    seen = worked(lead, chance.days("lead response", 0.7, 1.0), region)
    qualified = np.where(converts | chance.hits("qualified", 0.52), seen, np.nan)
    converted = worked(qualified, chance.days("conversion", 4.5, 0.7), region)
    return Cases(
        region,
        segment,
        product,
        source,
        _reps(chance, region, segment),
        _accounts(chance, region, segment),
        np.round(np.exp(size), -1),
        lead,
        np.where(converts & chance.hits("unqualified", 0.05), np.nan, qualified),
        np.where(existing, arrived, np.where(converts, converted, np.nan)),
    )


def _arrivals(chance: Chance, region: Codes, source: Codes, off: frozenset[str]) -> Floats:
    """Return local times by growth, season and weekday; websites are visited at night too."""
    first, last = int(day(FIRST)), int(day(LAST))
    days = np.arange(first, last, dtype=np.float64)
    weekday = days.astype(int) % 7  # the calendar starts on a Monday
    weight = np.exp(GROWTH * (days - first) / 365.25) * BY_MONTH[month(days) - 1] * BY_WEEKDAY[weekday]
    share = np.cumsum(weight) / weight.sum()
    which = np.searchsorted(share, chance.uniform("arrival day"), side="right")
    moment = days[np.minimum(which, len(days) - 1)]
    online = ((source == b.WEBSITE) | (source == b.PAID_SEARCH)) & ("online" not in off)
    local = moment + np.where(online, 0.29 + 0.62 * chance.uniform("hour online"), np.nan)
    office = worked(moment, chance.uniform("hour in office"), region)
    local = np.where(online, local, office)
    # Midnight comes at another time in each region: who would arrive before the first or after the last day of UTC
    # comes a day or, where holidays are in the way, four days off.
    shift = UTC_OFFSET[region] / 24
    local = np.where(local - shift < first, local + 1, local)
    late = local - shift >= last - 1 / 24
    return np.where(
        late, np.where(online, local - 1, worked(moment - 4, chance.uniform("hour in office"), region)), local
    )


def _converts(chance: Chance, source: Codes, off: frozenset[str]) -> Flags:
    rates = np.append(b.CONVERSION, 0.0)
    if "purchased_list" not in off:
        rates[b.PURCHASED_LIST] = 0.09
    return chance.hits("converts", level("convert", rates, source, off, besides=(b.PURCHASED_LIST, b.EXISTING)))


def _reps(chance: Chance, region: Codes, segment: Codes) -> Codes:
    """Return a rep of the region, rather one who works for the segment: mix and skill are confounded."""
    weights = np.array([[r.load * f for f in r.focus] for r in b.REPS]).T
    homes = np.array([r.region for r in b.REPS])
    table = np.array([[np.where(homes == home, row, 0.0) for row in weights] for home in range(len(b.REGIONS))])
    return chance.choice("rep", table[region, segment])


def _accounts(chance: Chance, region: Codes, segment: Codes) -> Codes:
    """Return a customer of the region and segment, numbered so that `names` can take the number apart again."""
    group = region * len(b.SEGMENTS) + segment
    pool = np.maximum(1, np.bincount(group, minlength=len(b.REGIONS) * len(b.SEGMENTS)) * 3 // 4)
    number = (pool[group] * chance.uniform("account")).astype(np.int64)
    return number * len(b.SEGMENTS) + segment


def account_name(account: int, region: int) -> str:
    """Return the name of a customer; every one has another."""
    stem, rest = account % len(b.STEMS), account // len(b.STEMS)
    trade, again = rest % len(b.TRADES), rest // len(b.TRADES)
    form = b.COMPANY_FORMS[region][(stem + trade) % 2]
    return f"{b.STEMS[stem]} {b.TRADES[trade]}{f' {again + 1}' if again else ''} {form}"
