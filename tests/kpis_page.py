"""Write docs/kpis.md from the table of measures: `python -m tests.kpis_page`."""

from pathlib import Path

from l2c.words.measures import Measure, fair, measures

PAGE = Path(__file__).parents[1] / "docs" / "kpis.md"
HEAD = """# Key figures

Made from `l2c/words/measures.yaml`, where every quantity is defined once; after changing it: `python -m tests.kpis_page`.
Cards, causes, reps, comparisons, quarters and due dates sum up the same observations (`l2c.measures.observations`): one
row per lead, deal, quote, order or invoice. Where a log does not tell its leads, quotes, orders or invoices apart, the case
stands in for them, and the card says so. *Source* says where Salesforce keeps the facts, *Elsewhere* what other tools mean
by the name.

Days run from completion to completion where a log tells when work began and ended: a thing has happened when it is done.
Waiting (`steps`, `bottlenecks`, the map) then runs from the end of one activity to the start of the next; days of work stand in
`diagnose.working_times`.

Conversion, win rate and late payments stand twice. The headline is the share among those that were followed for long enough
(`…_incidence`): young leads and open deals count for as long as they were watched, so that a young region, a growing business or
lost deals that nobody closes make no better or worse rate. It is told at the first day by which 95 % of what ever got there was there
(`horizon_days`, which the card names), at the last one for which 30 were followed where that comes first, with the bounds of what it
may become in the end (`bound_low`, `bound_high`: all that are open lost … all won). *To date* is what Salesforce reports, for
reconciling; it stands beside the headline (`to_date`), and in no comparison, cause or chart of groups: who asks for it there is told
of those seen for long enough. A median among those that get there has bounds too
where more than 5 % are open at the end of its curve.

`l2c.kpis(log)` measures all of them, `l2c.kpis(log, only=["win_rate_incidence"])` some.
"""
KINDS = {
    "duration": "median of the Kaplan-Meier curve, log-log interval",
    "share": "share, Wilson's interval",
    "incidence": "Aalen-Johansen share within so many days, Wilson's interval at the effective number, bounds for what is open",
    "share_of_money": "ratio of sums, linearised interval",
    "overdue": "Kaplan-Meier share at the day it is due, of all terms, each with its part, Wilson's interval at the effective number",
    "mean": "mean, Student's interval",
    "median": "median",
    "sum": "sum",
    "count": "count",
    "velocity": "product, interval joined on the log scale (MOVER)",
}
WORSE = {"more": "less is better", "less": "more is better", "none": "neither is better"}


def section(measure: Measure) -> str:
    """What the page says of one measure."""
    facts = [f"id `{measure.id}`", f"one row per {measure.of}", measure.unit, WORSE[measure.worse], KINDS[measure.kind]]
    way = []
    if measure.start:
        way.append("from " + " or ".join(measure.start))
    if measure.end:
        ends = " or ".join(
            {"touch": "the first touch by a person", "answer": "its answer"}.get(end, end) for end in measure.end
        )
        way.append(f"to {ends}")
    if measure.ruled_out_by:
        way.append("ruled out by " + " or ".join(measure.ruled_out_by))
    lines = [f"## {measure.en} · {measure.ja}", "", f"{measure.meaning_en}  ", f"{measure.meaning_ja}", ""]
    lines.append(f"- {' · '.join(facts)}")
    lines += [f"- {', '.join(way)}"] if way else []
    lines += [f"- To date: `{measure.to_date}`"] if measure.to_date else []
    lines += [f"- In no comparison{_instead(measure.id)}"] if measure.so_far else []
    lines += [f"- Source: {measure.source}"] if measure.source else []
    lines += [f"- Elsewhere: {measure.others}"] if measure.others else []
    return "\n".join(lines)


def _instead(id: str) -> str:
    """What is compared where a number to date is not."""
    return f"; compared: `{fair(id)}`" if fair(id) != id else ""


def page() -> str:
    """The whole page."""
    shown = [measure for measure in measures().values() if measure.card]
    rest = [measure for measure in measures().values() if not measure.card]
    parts = [HEAD, *map(section, shown), "# Measures without a card", *map(section, rest)]
    return "\n\n".join(part.strip() for part in parts) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
