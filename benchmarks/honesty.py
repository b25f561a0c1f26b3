"""Does the kit find what is there, and nothing else? Measured on companies whose faults are known, beside naive ways.

`make honesty` prints a table and writes it to benchmarks/honesty.md; --worlds N sets how many worlds a row takes,
--only WORDS measures the bars of `benchmarks/bars_*.py` that hold these words, and puts these rows alone in their place.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import bars
import numpy as np
import pandas as pd
import worlds
from worlds import Score, World

HERE = Path(__file__).parent
Way = Callable[[World], pd.DataFrame]


def kit(made: World) -> pd.DataFrame:
    """What the kit names."""
    from l2c import diagnose
    from l2c.log import build

    return diagnose.causes(build(made.events, extracted=made.extracted), names=True)


def t_tests(made: World, corrected: bool = False) -> pd.DataFrame:
    """Segment against rest, one value at a time: what most dashboards do, here at least with a test."""
    from scipy import stats

    cases = made.events.drop_duplicates("case_id").set_index("case_id")
    times = made.events.groupby(["case_id", "activity"])["time"].min().unstack()
    rows = []
    for start, end, _ in worlds.STEPS:
        days = ((times[end] - times[start]).dt.total_seconds() / 86400).dropna()
        for name in worlds.ATTRIBUTES:
            group = cases[name].reindex(days.index)
            for value in group.dropna().unique():
                inside, rest = days[group == value], days[group != value]
                if min(len(inside), len(rest)) >= 20:
                    p = stats.ttest_ind(inside, rest, equal_var=False).pvalue
                    gap = float(inside.mean() - rest.mean())
                    rows.append((start, end, name, value, gap, len(inside), p, gap * len(inside)))
    table = pd.DataFrame(rows, columns=["start", "end", "attribute", "value", "effect", "cases", "p", "lost"])
    p = stats.false_discovery_control(table["p"].fillna(1)) if corrected else table["p"]
    table = table[(p < 0.05) & (table["effect"] > 0)]
    step = pd.Series(list(zip(table["start"], table["end"], strict=True)), index=table.index, dtype=object)
    unknown = {"low": np.nan, "high": np.nan, "adverse": True, "unit": "day", "kpi": "step_days"}
    return table.assign(step=step, **unknown)


def corrected_t_tests(made: World) -> pd.DataFrame:
    """The same with the false-discovery rate held."""
    return t_tests(made, corrected=True)


WAYS: dict[str, Way] = {"l2c": kit, "t-tests": t_tests, "t-tests, FDR": corrected_t_tests}
ROWS: dict[str, dict[str, object]] = {
    "clean": {},
    "messy": {"messy": True},
    "gamma": {"shape": "gamma"},
    "weibull": {"shape": "weibull"},
    "additive": {"shape": "additive"},
    "tail only": {"shape": "tail"},
    "pairs": {"faults": 2, "pairs": 2},
    "nothing planted": {"faults": 0},
    "nothing planted, messy": {"faults": 0, "messy": True},
}


def one(task: tuple[str, int, dict[str, object]]) -> Score:
    """Score one way on one world."""
    way, seed, settings = task
    made = worlds.world(seed, **settings)  # type: ignore[arg-type]
    return worlds.score(WAYS[way](made), made)


def line(name: str, way: str, scores: list[Score]) -> dict[str, object]:
    """One row of the table."""
    named, false = sum(s.named for s in scores), sum(len(s.false) for s in scores)
    detectable, errors = sum(s.detectable for s in scores), [abs(e) for s in scores for e in s.errors]
    cover = [c for s in scores for c in s.cover]
    share = lambda part, whole: f"{part / whole:.2f}" if whole else "–"  # noqa: E731
    return {
        "worlds": name,
        "way": way,
        "n": len(scores),
        "recall": share(sum(s.found for s in scores), detectable),
        "recall, all planted": share(sum(s.hits for s in scores), sum(s.planted for s in scores)),
        "precision": share(named - false, named),
        "worlds with a false cause": share(sum(bool(s.false) for s in scores), len(scores)),
        "false per world": f"{false / len(scores):.1f}",
        "error of days lost": f"{np.mean(errors):.1%}" if errors else "–",
        "interval covers": f"{np.mean(cover):.0%}" if cover and way == "l2c" else "–",
    }


def cycles(seeds: range) -> list[dict[str, object]]:
    """Median sales cycle: with open deals censored, and from closed deals alone, against the company left to run."""
    from l2c import kpis
    from l2c.log import build

    kit_errors, naive_errors = [], []
    for seed in seeds:
        made = worlds.world(seed)
        log = build(made.events, extracted=made.extracted)
        found = float(kpis(log).set_index("kpi").loc["sales_cycle_days", "value"])
        times = made.events.groupby(["case_id", "activity"])["time"].min().unstack()
        closed = times[["Closed Won", "Closed Lost"]].min(axis=1) - times["Opportunity Created"]
        naive = float(closed.dt.total_seconds().median() / 86400)
        kit_errors.append(abs(found / made.median_cycle - 1))
        naive_errors.append(abs(naive / made.median_cycle - 1))
    return [
        {"measure": "median sales cycle, mean error", "l2c": f"{np.mean(kit_errors):.1%}",
         "closed deals only": f"{np.mean(naive_errors):.1%}", "n": len(kit_errors)},
    ]  # fmt: skip


def violations(seeds: range) -> list[dict[str, object]]:
    """Cases × rule named against those planted."""
    from l2c import diagnose
    from l2c.log import build

    rows = []
    for messy in (False, True):
        right = named = planted = 0
        for seed in seeds:
            made = worlds.world(seed, messy=messy)
            table = diagnose.violations(build(made.events, extracted=made.extracted)).set_index("rule")
            found, truth = set(table.loc["order_before_contract", "cases"]), made.violating["order_before_contract"]
            right, named, planted = right + len(found & truth), named + len(found), planted + len(truth)
        rows.append({"measure": f"order before contract, {'messy' if messy else 'clean'}", "n": len(seeds),
                     "precision": f"{right / max(named, 1):.3f}", "recall": f"{right / max(planted, 1):.3f}"})  # fmt: skip
    return rows


def table(rows: list[dict[str, object]]) -> str:
    """Rows as a table in Markdown."""
    head = list(rows[0])
    lines = [" | ".join(head), " | ".join("---" for _ in head)]
    return "\n".join(f"| {text} |" for text in [*lines, *(" | ".join(str(row[c]) for c in head) for row in rows)])


def promises(pool: ProcessPoolExecutor, words: str, number: int | None) -> list[dict[str, object]]:
    """The bars whose text holds the words, measured."""
    rows = []
    for bar in (bar for bar in bars.every() if words.lower() in bar.what.lower()):
        seeds = range(50_000, 50_000 + (number or bar.worlds))
        rows.append(bars.row(bar, bars.result(list(pool.map(bar.one, seeds)))))
        print(rows[-1], flush=True)
    return rows


def put(rows: list[dict[str, object]]) -> None:
    """Put rows of promises in the place of those of the same name, the others being kept."""
    parts = (HERE / "honesty.md").read_text("utf-8").split("\n\n")
    place = next(n for n, part in enumerate(parts) if part.startswith("| what |"))
    head, rule, *known = parts[place].splitlines()
    lines = {line.split(" | ")[0].removeprefix("| "): line for line in known}
    lines |= {str(row["what"]): table([row]).splitlines()[2] for row in rows}
    # What is promised no more is measured no more.
    parts[place] = "\n".join([head, rule, *(lines[bar.what] for bar in bars.every() if bar.what in lines)])
    (HERE / "honesty.md").write_text("\n\n".join(parts), "utf-8")


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int)
    parser.add_argument("--only")
    given = parser.parse_args()
    number = given.worlds or 20
    rows = []
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        promised = promises(pool, given.only or "", given.worlds)
        if given.only is not None:
            put(promised)
            return
        for place, (name, settings) in enumerate(ROWS.items()):
            null = settings.get("faults") == 0
            seeds = range(1000 * (place + 1), 1000 * (place + 1) + (5 if null else 1) * number)
            for way in WAYS:
                rows.append(line(name, way, list(pool.map(one, [(way, seed, settings) for seed in seeds]))))
                print(rows[-1], flush=True)
    seeds = range(90_000, 90_000 + number)
    parts = [
        "# What is there, and what is said to be there",
        "Companies drawn anew per seed (`benchmarks/worlds.py`): 4,000 cases, 30 reps in 5 regions, 6 attributes, a "
        "growing business cut off at a date, five faults each. Detectable: a fault that stands out by 5.5 standard errors. "
        "The t-tests look at steps only, one value at a time; a hit of theirs needs the same step and group.",
        "## What is promised",
        table(promised),
        table(rows),
        table(cycles(seeds)),
        table(violations(seeds)),
    ]
    (HERE / "honesty.md").write_text("\n\n".join(parts) + "\n", "utf-8")


if __name__ == "__main__":
    main()
