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
from l2c.stats.regression import Regression, Shrunken, dummies, linear, logistic, of_groups, shrunken
from l2c.stats.shrinkage import Drawn, drawn_together
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
    "Curve",
    "Drawn",
    "Estimate",
    "Mean",
    "Ranks",
    "Regression",
    "Shrunken",
    "at",
    "difference",
    "drawn_together",
    "dummies",
    "exact_rates",
    "incidence",
    "kaplan_meier",
    "linear",
    "logistic",
    "mean",
    "mean_difference",
    "median",
    "normal",
    "of_groups",
    "q_values",
    "quantile",
    "rank_sum",
    "rate",
    "rate_difference",
    "restricted_mean_among",
    "share_beyond",
    "share_of_sums",
    "shrunken",
    "survival_among",
    "weighted_survival",
]
