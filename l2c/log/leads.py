"""Which cases are leads that became no deal, and which of those were given up?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import narwhals as nw

from l2c import engine
from l2c.words import matching, vocabulary

DISQUALIFIED, CREATED, OPPORTUNITY = "Lead Disqualified", "Lead Created", "Opportunity Created"
# The last of these says whether a lead is given up: one may be taken up again.
VERDICTS = ("Lead Qualified", DISQUALIFIED, "Lead Reopened", "Lead Converted")


def given_up(events: nw.LazyFrame[Any], cases: nw.LazyFrame[Any]) -> nw.LazyFrame[Any] | None:
    """Find the leads that were disqualified in the end and became no deal: their `case_key`; None where none can be.

    The last word on the lead decides; where no event tells of its end, the words of its last stage do. In a log that
    tells neither of leads nor of created opportunities, a stage called "Disqualified" is one of deals.
    """
    from l2c.log.ordering_anywhere import last_value

    names = engine.collect(events.select("activity").unique())["activity"].astype(str).tolist()
    stages = _stages(cases)
    if not stages and DISQUALIFIED not in names:
        return None
    if not any(_of_lead(name) or name == OPPORTUNITY for name in names if name != DISQUALIFIED):
        return None
    activity = nw.col("activity")
    verdict = last_value(events.filter(activity.is_in(VERDICTS)), "activity")
    deals = events.filter(activity.is_in([name for name in names if _of_deal(name)])).select("case_key").unique()
    ended = verdict.filter(activity == DISQUALIFIED).select("case_key")
    if stages:
        lead = events.filter(activity.is_in([name for name in names if _of_lead(name)])).select("case_key").unique()
        said = cases.filter(nw.col("stage").is_in(stages)).select("case_key").join(lead, on="case_key", how="semi")
        said = said.join(verdict.filter(activity == "Lead Converted"), on="case_key", how="anti")
        ended = nw.concat([ended, said]).unique()
    return ended.join(deals, on="case_key", how="anti")


def without_deal(traces: Iterable[tuple[str, ...]], activities: Iterable[str]) -> list[bool]:
    """Tell of each trace whether it is that of a lead that became no deal.

    Parameters
    ----------
    traces
        The activities of each case or variant.
    activities
        All activities of the log. Where deals are not recorded as created, but something else of deals is, a case in
        which a lead was created is taken for a deal unless the lead was disqualified.
    """
    activities = set(activities)
    vague = OPPORTUNITY not in activities and any(map(_of_deal, activities))
    leads = {DISQUALIFIED} if vague else {name for name in activities if _of_lead(name)}
    deals = {name for name in activities if _of_deal(name)}
    return [not leads.isdisjoint(trace) and deals.isdisjoint(trace) for trace in traces]


def _stages(cases: nw.LazyFrame[Any]) -> list[Any]:
    """The stages that say that a lead has ended."""
    if "stage" not in cases.collect_schema().names():
        return []
    known = engine.collect(cases.select("stage").unique())["stage"].dropna().tolist()
    return [stage for stage in known if matching.match_activity(str(stage)) == DISQUALIFIED]


def _of_lead(activity: str) -> bool:
    return vocabulary.phase_of(activity) == "lead"


def _of_deal(activity: str) -> bool:
    return vocabulary.phase_of(activity) not in (None, "lead")
