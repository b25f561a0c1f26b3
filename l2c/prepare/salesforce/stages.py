"""Which stages are won, lost, earlier, later?"""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from l2c.prepare import values
from l2c.prepare.closing import meant
from l2c.prepare.salesforce.org_frames import Org
from l2c.words import matching
from l2c.words.notes import Note


class Stages(NamedTuple):
    """What is known of the stages of an org, by label: closed, won, and their order."""

    closed: dict[str, bool]
    won: dict[str, bool]
    order: dict[str, float]
    notes: tuple[Note, ...] = ()

    def in_order(self) -> list[str]:
        """The labels of the open stages in the order of the process; none where it is not known of all of them."""
        ranks = {label: rank for label, rank in self.order.items() if not self.closed.get(label, False)}
        known = bool(ranks) and all(rank == rank for rank in ranks.values()) and len(set(ranks.values())) > 1
        return sorted(ranks, key=lambda label: (ranks[label], label)) if known else []


def stages(org: Org) -> Stages:
    """Tell closed and won stages, and their order.

    Notes
    -----
    From OpportunityStage where the source has it; else from the flags and probabilities of the opportunities that stand
    in a stage now; else from the probabilities in the history. Only where none of these says anything is the label read.
    """
    closed: dict[str, bool] = {}
    won: dict[str, bool] = {}
    order: dict[str, float] = {}
    for label, said in org.mapping.ends.items():
        end = meant(said)
        closed[label], won[label] = end != "open", end == "won"
    _from_setup(org, closed, won, order)
    _from_deals(org, closed, won)
    probable = _probabilities(org)
    guessed = []
    for label in {*probable, *_labels(org)}:
        if label not in closed:
            chance, outcome = probable.get(label), matching.stage_outcome(label)
            if chance is not None and chance >= 100:
                closed[label], won[label] = True, True
            elif outcome is not None:
                closed[label], won[label] = True, outcome == "won"
                guessed.append(label)
            else:
                closed[label], won[label] = False, False
        order.setdefault(label, probable.get(label, float("nan")))
    if any(rank != rank for label, rank in order.items() if not closed.get(label, False)):
        # A rank of one kind and a probability of another do not compare.
        order = probable if len(probable) >= len(order) / 2 else {}
    return Stages(closed, won, order, (Note("closed_by_name", stages=sorted(guessed)),) if guessed else ())


def _labels(org: Org) -> set[str]:
    found: set[str] = set()
    for name, field in (("Opportunity", "StageName"), ("OpportunityHistory", "StageName")):
        if org.has(name, field):
            found |= set(org.text(name, field).drop_nulls().unique())
    if org.has("OpportunityFieldHistory", "Field"):
        changes = org.frames["OpportunityFieldHistory"].filter(pl.col("Field").cast(pl.String) == "StageName")
        for field in ("OldValue", "NewValue"):
            if field in changes.columns:
                found |= set(changes[field].cast(pl.String).drop_nulls().unique())
    return found


def flagged(org: Org, ends: Stages) -> None:
    """Give the deals of a source without flags those that their stages stand for."""
    deals = org.frames.get("Opportunity")
    if deals is None or "StageName" not in deals.columns or {"IsClosed", "IsWon"} & set(deals.columns):
        return
    stage = deals["StageName"].cast(pl.String)
    flags = {"IsClosed": ends.closed, "IsWon": ends.won}
    told = [stage.replace_strict(ends_, default=False, return_dtype=pl.Boolean).alias(n) for n, ends_ in flags.items()]
    org.frames["Opportunity"] = deals.with_columns(flag.cast(pl.String) for flag in told)


def _from_setup(org: Org, closed: dict[str, bool], won: dict[str, bool], order: dict[str, float]) -> None:
    said = org.mapping.stages
    name = said.get("object", "OpportunityStage")
    if name not in org.frames or not org.has(name, said["closed"]) or not org.has(name, said["won"]):
        return
    is_closed, is_won = org.flags(name, said["closed"]), org.flags(name, said["won"])
    rank = org.numbers(name, said["order"])
    for field in said["label"]:
        for label, c, w, r in zip(org.text(name, field), is_closed, is_won, rank, strict=True):
            if label is not None and c is not None:
                closed.setdefault(label, c)
                won.setdefault(label, bool(c and w))
                order.setdefault(label, float("nan") if r is None else r)


def _from_deals(org: Org, closed: dict[str, bool], won: dict[str, bool]) -> None:
    """Stages by the flags of the opportunities that stand in them; the majority counts."""
    if not all(org.has("Opportunity", field) for field in ("StageName", "IsClosed")):
        return
    rows = pl.DataFrame(
        {
            "label": org.text("Opportunity", "StageName"),
            "closed": org.flags("Opportunity", "IsClosed"),
            "won": org.flags("Opportunity", "IsWon"),
        }
    ).drop_nulls(["label", "closed"])
    shares = rows.group_by("label").agg(pl.col("closed").mean(), pl.col("won").fill_null(False).mean())
    for label, c, w in shares.sort("label").iter_rows():
        if label not in closed:
            closed[label], won[label] = c >= 0.5, c >= 0.5 and w >= 0.5


def _probabilities(org: Org) -> dict[str, float]:
    """The usual probability of each stage, in percent."""
    parts = []
    for name in ("Opportunity", "OpportunityHistory"):
        if org.has(name, "Probability") and org.has(name, "StageName"):
            chance = values.numbers(org.text(name, "Probability")).numbers
            parts.append(pl.DataFrame({"label": org.text(name, "StageName"), "chance": chance}).drop_nulls())
    if not parts:
        return {}
    rows = pl.concat(parts).group_by("label").agg(pl.col("chance").median()).sort("label")
    return dict(zip(rows["label"], rows["chance"], strict=True))
