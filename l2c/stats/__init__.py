"""How sure can we be? Rates, means, survival curves and their intervals, on plain arrays."""

from l2c.stats.comparison import Ranks, exact_rates, mean_difference, q_values, rank_sum
from l2c.stats.rates import (
    SMALLEST_SAMPLE,
    UNKNOWN,
    Estimate,
    Mean,
    difference,
    mean,
    median,
    normal,
    rate,
    rate_difference,
    share_of_sums,
)
from l2c.stats.regression import Regression, Shrunken, dummies, linear, logistic, shrunken
from l2c.stats.shifts import Blocks, Shifts, blocks, calendar, interval, knows_season, shifts
from l2c.stats.survival import (
    Curve,
    at,
    incidence,
    kaplan_meier,
    quantile,
    restricted_mean_among,
    survival_among,
)
from l2c.stats.weighted import share_beyond, weighted_survival

__all__ = [
    "SMALLEST_SAMPLE",
    "UNKNOWN",
    "Blocks",
    "Curve",
    "Estimate",
    "Mean",
    "Ranks",
    "Regression",
    "Shifts",
    "Shrunken",
    "at",
    "blocks",
    "calendar",
    "difference",
    "dummies",
    "exact_rates",
    "incidence",
    "interval",
    "kaplan_meier",
    "knows_season",
    "linear",
    "logistic",
    "mean",
    "mean_difference",
    "median",
    "normal",
    "q_values",
    "quantile",
    "rank_sum",
    "rate",
    "rate_difference",
    "restricted_mean_among",
    "share_beyond",
    "share_of_sums",
    "shifts",
    "shrunken",
    "survival_among",
    "weighted_survival",
]
