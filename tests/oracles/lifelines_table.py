"""Write lifelines.json: inputs and what lifelines says about them.

lifelines refuses pandas 3, so it cannot live beside the kit. To write the table again:
python -m venv other && other/bin/pip install "lifelines==0.30.*" "pandas<3"
other/bin/python tests/oracles/lifelines_table.py
"""

import json
import warnings
from pathlib import Path

import lifelines
import numpy as np
from lifelines import AalenJohansenFitter, KaplanMeierFitter
from lifelines.utils import median_survival_times, restricted_mean_survival_time


def data(seed: int, n: int, ties: bool, late: bool) -> dict:
    rng = np.random.default_rng(seed)
    first, other, watched = rng.weibull(1.3, n) * 40, rng.exponential(90, n), rng.uniform(5, 120, n)
    time = np.minimum(np.minimum(first, other), watched)
    cause = np.where(time == watched, 0, np.where(time == first, 1, 2))
    # Late entries lie between the whole days on which ends are tied, where conventions differ.
    entry = np.maximum(np.floor(rng.uniform(-60, 20, n)) + 0.25, 0.0) if late else np.zeros(n)
    time = np.ceil(time) if ties else np.round(time, 6)
    keep = time > entry
    return {"time": time[keep], "cause": cause[keep], "entry": entry[keep]}


def answers(time: np.ndarray, cause: np.ndarray, entry: np.ndarray) -> dict:
    late = entry.any()
    km = KaplanMeierFitter().fit(time, cause > 0, entry=entry if late else None)
    band = km.confidence_interval_
    moments = np.unique(time[cause > 0])
    rows = band.loc[moments].to_numpy()
    result = {
        "moments": moments,
        "survival": km.survival_function_at_times(moments).to_numpy(),
        "low": rows[:, 0],
        "high": rows[:, 1],
        "median": km.median_survival_time_,
        "median_interval": median_survival_times(band).to_numpy().ravel(),
    }
    if not late:
        result["mean_40"] = restricted_mean_survival_time(km, t=40)
        # lifelines shifts tied ends by a random amount: only untied times can be compared.
        if len(moments) == (cause > 0).sum():
            aj = AalenJohansenFitter(calculate_variance=True).fit(time, cause, event_of_interest=1)
            result["incidence"] = aj.cumulative_density_.loc[moments].to_numpy().ravel()
    return result


def plain(values: dict) -> dict:
    return {k: v.tolist() if isinstance(v, np.ndarray) else float(v) for k, v in values.items()}


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    table = []
    for seed, n, ties, late in [(1, 40, False, False), (2, 60, True, False), (3, 60, False, True), (4, 80, True, True)]:
        given = data(seed, n, ties, late)
        table.append({"given": plain(given), "expected": plain(answers(**given))})
    written = {"lifelines": lifelines.__version__, "table": table}
    Path(__file__).with_name("lifelines.json").write_text(json.dumps(written, indent=None) + "\n")
