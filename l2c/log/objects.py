"""Which objects are the events about, and how do they belong together?"""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from l2c.log.columns import OF_CASES
from l2c.words import vocabulary

DEAL, LEAD, ACCOUNT, PAYMENT = "Opportunity", "Lead", "Account", "Payment"
# Objects of sources that only number their documents, by the phase of the activity.
PHASES = {"lead": LEAD, "quote": "Quote", "contract": "Contract", "order": "Order", "cash": "Invoice"}


class Data(NamedTuple):
    """Object-centric event data.

    Attributes
    ----------
    events
        `event_id, activity, time` and attributes of the events.
    objects
        `object_id, object_type` and attributes of the objects.
    of_event
        Which events are about which objects: `event_id, object_id, qualifier`.
    links
        Which objects belong to which: `from_id, to_id, qualifier`.
    """

    events: pd.DataFrame
    objects: pd.DataFrame
    of_event: pd.DataFrame
    links: pd.DataFrame


def gathered(
    events: pd.DataFrame, cases: pd.DataFrame, objects: pd.DataFrame | None, links: pd.DataFrame | None
) -> Data:
    """Bring the frames of a log into object-centric form.

    Parameters
    ----------
    events, cases
        Frames of a log.
    objects, links
        Its records and how they belong together, where the log knows them.

    Notes
    -----
    A record that the flat log shows in several deals is one event here, about all of them. An event is about its own
    object (a quote, an invoice), its deal, and the lead or payment it comes from; what is about nothing but the deal is
    about its account too.
    """
    rows = events.reset_index(drop=True)
    rows["own"], rows["type"] = _own(rows)
    rows["event_id"] = _event_ids(rows)
    kind = _case_types(rows, objects)
    parts = [rows[["event_id", "case_id"]].set_axis(["event_id", "object_id"], axis=1).assign(qualifier="case")]
    parts.append(rows[["event_id", "own", "type"]].set_axis(["event_id", "object_id", "qualifier"], axis=1))
    for column, qualifier in (("lead_id", LEAD), ("payment_id", PAYMENT)):
        if column in rows:
            parts.append(
                rows[["event_id", column]].set_axis(["event_id", "object_id"], axis=1).assign(qualifier=qualifier)
            )
    known = _objects(rows, cases, kind, objects)
    pointed = _links(rows, cases, links, known)
    known = _with_ends(known, pointed, links)
    parts.append(_of_accounts(rows, known, pointed))
    of_event = pd.concat(parts).dropna(subset=["object_id"]).drop_duplicates(["event_id", "object_id"])
    of_event = of_event[of_event["object_id"].isin(known["object_id"])].sort_values(["event_id", "object_id"])
    columns = [
        "event_id",
        "activity",
        "time",
        *[c for c in ("actor", "started", "precision", "approximate") if c in rows],
    ]
    told = rows[columns].drop_duplicates("event_id").sort_values(["time", "event_id"])
    return Data(told, known, of_event, pointed[pointed["to_id"].isin(known["object_id"])])


def _own(rows: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """The document of each event, and what it is."""
    if "object_id" not in rows:
        return pd.Series(None, rows.index, dtype=object), pd.Series(None, rows.index, dtype=object)
    if "object_type" in rows:
        return rows["object_id"], rows["object_type"]
    phases = {a.en: PHASES.get(a.phase) for a in vocabulary.activities()}
    # A document is what its first event says: an order is closed when it is paid, and still an order.
    kind = rows["activity"].astype(object).map(phases).groupby(rows["object_id"]).transform("first")
    own = kind.str.cat(rows["object_id"].astype(object), sep=":")
    return own.where(rows["object_id"].notna() & kind.notna(), None), kind


def _event_ids(rows: pd.DataFrame) -> pd.Series:
    """One id for what a record says once, however many deals it belongs to."""
    number = pd.Series([f"e{n}" for n in range(len(rows))], rows.index)
    if "record_id" not in rows:
        return number
    by = ["source", "record_id", "activity", "time"]
    first = rows.assign(n=number).groupby(by, observed=True, dropna=False)["n"].transform("first")
    return first.where(rows["record_id"].notna(), number)


def _case_types(rows: pd.DataFrame, objects: pd.DataFrame | None) -> pd.Series:
    """Whether each case is an opportunity or a lead that became none."""
    other = ~rows["activity"].isin([a.en for a in vocabulary.activities() if a.phase == "lead"])
    guessed = other.groupby(rows["case_id"]).any().map({True: DEAL, False: LEAD})
    if objects is None:
        return guessed
    # Whoever was called, a touch does not make a lead a deal.
    known = objects[objects["object_type"].isin([DEAL, LEAD])].drop_duplicates("object_id")
    return known.set_index("object_id")["object_type"].reindex(guessed.index).fillna(guessed)


def _objects(rows: pd.DataFrame, cases: pd.DataFrame, kind: pd.Series, objects: pd.DataFrame | None) -> pd.DataFrame:
    deals = cases.drop(columns=[c for c in cases if c in OF_CASES]).rename(columns={"case_id": "object_id"})
    deals.insert(1, "object_type", deals["object_id"].map(kind))
    if objects is not None:
        others = objects[["object_id", "object_type"]]
    else:
        others = rows[["own", "type"]].dropna().set_axis(["object_id", "object_type"], axis=1)
    others = others[~others["object_id"].isin(deals["object_id"])].drop_duplicates("object_id")
    parts = [deals, others]
    if objects is None and "account" in deals:
        names = deals["account"].dropna().drop_duplicates()
        parts.append(pd.DataFrame({"object_id": f"{ACCOUNT}:" + names, "object_type": ACCOUNT}))
    found = pd.concat(parts, ignore_index=True)
    return found.sort_values(["object_type", "object_id"], ignore_index=True)


def _links(rows: pd.DataFrame, cases: pd.DataFrame, links: pd.DataFrame | None, known: pd.DataFrame) -> pd.DataFrame:
    names = ["from_id", "to_id", "qualifier"]
    if links is not None:
        found = links[["from_id", "to_id", "lookup"]].set_axis(names, axis=1)
        return found[found["from_id"].isin(known["object_id"])].drop_duplicates(ignore_index=True)
    parts = [rows[["own", "case_id"]].dropna().assign(qualifier="case").set_axis(names, axis=1)]
    if "account" in cases:
        firms = cases[["case_id", "account"]].dropna()
        firms = firms.assign(account=f"{ACCOUNT}:" + firms["account"], qualifier="account")
        parts.append(firms.set_axis(names, axis=1))
    return pd.concat(parts).drop_duplicates(ignore_index=True)


def _of_accounts(rows: pd.DataFrame, known: pd.DataFrame, pointed: pd.DataFrame) -> pd.DataFrame:
    """Events about nothing but a deal, with the account of the deal."""
    firms = pointed[pointed["to_id"].isin(known.loc[known["object_type"] == ACCOUNT, "object_id"])]
    alone = rows[rows["own"].isna() & rows["case_id"].isin(firms["from_id"])]
    met = alone[["event_id", "case_id"]].merge(firms, left_on="case_id", right_on="from_id")
    return met[["event_id", "to_id"]].set_axis(["event_id", "object_id"], axis=1).assign(qualifier=ACCOUNT)


def _with_ends(known: pd.DataFrame, pointed: pd.DataFrame, links: pd.DataFrame | None) -> pd.DataFrame:
    """Add the accounts, which no event is about."""
    if links is None:
        return known
    ends = links[links["to_type"].eq(ACCOUNT) & links["to_id"].isin(pointed["to_id"])]
    ends = ends[["to_id", "to_type"]].drop_duplicates().set_axis(["object_id", "object_type"], axis=1)
    return pd.concat([known, ends[~ends["object_id"].isin(known["object_id"])]], ignore_index=True)
