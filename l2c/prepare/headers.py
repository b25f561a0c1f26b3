"""Where do the headers of a table stand, and which column is what?"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from l2c.log.columns import DERIVED, START_TIME, own_names
from l2c.prepare import closing, ids, lifecycle
from l2c.prepare.instructions import Instructions
from l2c.prepare.units import unit
from l2c.words import matching, vocabulary
from l2c.words.errors import ColumnsNotFound
from l2c.words.notes import Note
from l2c.words.stages import outcome_word, stage_label

REQUIRED = ("case_id", "activity", "time")
# The standard fixes what these mean, whatever other columns are called.
XES_KEYS = ("case:concept:name", "concept:name", "time:timestamp")
# What the entry of a deal into a stage is called.
STAGE = "Stage: "
# What a CRM calls the number of any record: that of a deal in a table whose other columns are those of deals.
ANY_RECORD, OF_DEALS = ("recordid", "レコードid", "datensatzid"), ("deal", "opportunity", "商談", "取引")
# Beside `time:timestamp`, which is then the end: when the work began, as pm4py writes it.
XES_START = "start_timestamp"
# Salesforce shows an amount in its own currency and, beside it, in the one of the org.
_CONVERTED = re.compile(r"convert|konvert|umgerechnet|umgewandelt|換算|変換|환산", re.IGNORECASE)


@dataclass(frozen=True)
class Layout:
    """How one table is laid out.

    Attributes
    ----------
    columns
        Header by attribute id or, for what the vocabulary does not know, by a name of its own.
    dates
        Header by activity when the table has a row per deal; empty when it has a row per event.
    notes
        Choices the user may want to know.
    states
        Where each row is a state of a deal, what tells when it held: `changes` (when it became so), `looks` (when somebody
        looked); else None. See `l2c.prepare.histories`.
    """

    columns: dict[str, str]
    dates: dict[str, str]
    notes: tuple[Note, ...] = ()
    states: States | None = None

    @property
    def is_wide(self) -> bool:
        """Whether each row tells of a deal, by its dates or as a state of it, and not of one event."""
        return bool(self.dates) or self.states is not None


@dataclass(frozen=True)
class States:
    """How the states in a table follow one another.

    Attributes
    ----------
    exact
        Whether `as_of` is when the state began, not when somebody looked.
    at
        When all of them held, where the name of the table says so and no column.
    rank
        Place of the table among several with the same deals, oldest first.
    ranked
        Whether the names of the tables tell that place, and not only their order.
    newest_first
        Whether, of states without a time, the first row is the newest.
    made
        Headers of columns that the source does not have.
    """

    exact: bool = False
    at: datetime | None = None
    rank: int = 0
    ranked: bool = True
    newest_first: bool = False
    made: tuple[str, ...] = ()


def layout(frame: pl.DataFrame, name: str, said: Instructions, *, states: bool = False) -> Layout:
    """Find out which column holds what.

    Parameters
    ----------
    frame
        The table, under its own headers.
    name
        What the user calls it.
    said
        What the user said, which wins.
    states
        Whether the rows are states of deals, or deals: none of them is an event.

    Raises
    ------
    ColumnsNotFound
        If a required column is missing or ambiguous; the message shows the line that would settle it.
    """
    headers = frame.columns
    _headers_exist(said, headers, name)
    columns, dates = dict(said.columns), dict(said.dates)
    deals = states or ("activity" not in columns and _are_deals(headers, columns, dates))
    if deals and not states and (meant := matching.match_date_column(_bare(columns.get("time", "")))):
        # Whoever is asked for the time of a deal names one of its dates.
        dates[meant] = columns.pop("time")
    taken = set(columns.values()) | set(dates.values())
    notes: list[Note] = []
    if life := _lifecycle(frame, [h for h in headers if h not in taken], columns):
        columns["lifecycle"] = life
        taken.add(life)
    candidates: dict[str, list[str]] = {}
    for header in headers:
        if header not in taken:
            for attribute in matching.match_attribute(_bare(header)) or _measured(_bare(header)):
                candidates.setdefault(attribute, []).append(header)
    for attribute in closing.FLAGS:
        candidates[attribute] = [h for h in candidates.get(attribute, []) if not closing.holds_days(frame[h])]
    of_deals = deals or _ends([h for h in headers if h not in taken], dates, frame)
    if of_deals and "is_won" not in columns and not candidates["is_won"] and (told := _results(frame, candidates)):
        columns["is_won"] = told
        taken.add(told)
    for attribute in (*(REQUIRED[:1] if deals else REQUIRED), *sorted(set(candidates) - set(REQUIRED))):
        free = [header for header in candidates.get(attribute, []) if header not in taken]
        if attribute in columns or not free:
            continue
        free = _of_amount(free, columns["amount"]) if attribute == "currency" and "amount" in columns else free
        chosen = _choose(attribute, free, frame, name, notes)
        columns[attribute] = chosen
        taken.add(chosen)
    if "activity" not in columns:
        free = [h for h in headers if h not in taken or h == columns.get("time")]
        dates |= _dates(free, dates)
        dates |= _ends([h for h in free if h not in dates.values()], dates, frame)
        _refuse_twins(frame, name, {a: h for a, h in dates.items() if a not in said.dates and h in free}, free)
        if dates and columns.get("time") in dates.values():
            columns.pop("time")
        taken |= set(dates.values())
    if "case_id" not in columns and (own := _record(headers)) and own not in set(said.columns.values()):
        columns = {"case_id": own, **{a: h for a, h in columns.items() if h != own}}
        taken.add(own)
    missing = [a for a in (REQUIRED[:1] if deals or dates else REQUIRED) if a not in columns]
    if missing == ["case_id"]:
        raise ColumnsNotFound.no_id(name, headers, *_like_ids(frame, dates.values()))
    if missing:
        raise ColumnsNotFound.missing(name, missing, headers)
    if not (deals or dates) and _one_each(frame, columns):
        if "activity" not in said.columns:
            raise ColumnsNotFound.one_each(name, columns["activity"], columns["time"])
        notes.append(Note("one_event_each", column=columns["activity"]))
    if columns.get("time") == XES_KEYS[-1] and XES_START in headers and XES_START not in taken:
        columns[START_TIME] = XES_START
        taken.add(XES_START)
    columns |= _own_names([h for h in headers if h not in taken], set(columns) | DERIVED | {START_TIME})
    return Layout(columns, dates, tuple(notes))


def _results(frame: pl.DataFrame, candidates: Mapping[str, list[str]]) -> str | None:
    """The column of results beside that of the stages: a Deal Status of Won, Lost and Open, whatever the stage is."""
    staged = list(dict.fromkeys([*candidates.get("stage", []), *candidates.get("activity", [])]))
    told = [h for h in staged if _are_results(frame[h])] if len(staged) > 1 else []
    rest = [h for h in staged if h not in told]
    return told[0] if len(told) == 1 and any("stage" in matching.match_attribute(_bare(h)) for h in rest) else None


def _are_results(column: pl.Series) -> bool:
    """Whether cells say nothing but won, lost and open, and not all of them open."""
    words = column.cast(pl.String).drop_nulls().unique().head(closing.MOST_STAGES + 1).to_list()
    said = {outcome_word(word) for word in words}
    named = any(stage_label(word).why == "word" for word in words)
    return named and len(words) <= closing.MOST_STAGES and None not in said


def _record(headers: list[str]) -> str | None:
    """The number of a record, where the other columns say that the records are deals."""
    deals = [h for h in headers if matching.normalise(h).startswith(OF_DEALS)]
    known = {a for h in deals for a in matching.match_attribute(h)} & {"stage", "amount", "rep"}
    return next((h for h in headers if known and matching.normalise(h) in ANY_RECORD), None)


def _lifecycle(frame: pl.DataFrame, free: list[str], columns: Mapping[str, str]) -> str | None:
    """The column of a log of events, such as Status, that holds nothing but starts, completions and the like."""
    names = [_bare(header) for header in frame.columns]
    if "lifecycle" in columns or any(matching.is_strong(name, "lifecycle") for name in names):
        return None
    if "activity" not in columns and not any(matching.is_strong(name, "activity") for name in names):
        return None
    return next((h for h in free if lifecycle.may_be(_bare(h)) and lifecycle.holds(frame[h])), None)


def _one_each(frame: pl.DataFrame, columns: Mapping[str, str]) -> bool:
    """Whether each case has one row whose activity is called as the stage of a deal is: what stands there is no event."""
    stage = "stage" in matching.match_attribute(_bare(columns["activity"]))
    return stage and frame.height > 1 and frame[columns["case_id"]].n_unique() == frame.height


def _are_deals(headers: list[str], columns: Mapping[str, str], dates: Mapping[str, str]) -> bool:
    """Whether a table has a row per deal: "Status" beside "Created Date" and other dates is a list of deals, not of events."""
    if dates:
        return True
    names = [_bare(header) for header in headers if header not in columns.values()]
    if any(matching.is_strong(name, "activity") or matching.is_strong(name, "time") for name in names):
        return False
    told = {a: n for n in [*names, columns.get("time", "")] if (a := matching.match_date_column(n))}
    # One date alone, such as "Created Date" beside "Stage", may be that of an event.
    return len(told) > 1 or (
        "time" not in columns and any("time" not in matching.match_attribute(n) for n in told.values())
    )


def _headers_exist(said: Instructions, headers: list[str], name: str) -> None:
    for header in [*said.columns.values(), *said.dates.values()]:
        if header not in headers:
            place = f"{said.places[header]}: " if header in said.places else ""
            raise ColumnsNotFound.named(f"{place}{name}", header, headers)


def _bare(header: str) -> str:
    """Header without the mark that XES puts before attributes of the case; the standard keys keep theirs."""
    return header if header == "case:concept:name" else header.removeprefix("case:")


def _measured(header: str) -> tuple[str, ...]:
    """The attributes of numbers that a header with a unit, such as `Amount USD k`, may stand for."""
    kinds = {attribute.id: attribute.kind for attribute in vocabulary.attributes()}
    found = matching.match_attribute(unit(header).name) if unit(header).name != header else ()
    return tuple(a for a in found if kinds.get(a) in ("money", "number", "fraction"))


def _choose(attribute: str, free: list[str], frame: pl.DataFrame, name: str, notes: list[Note]) -> str:
    """Take the best of several columns that could be meant; refuse to guess for a required one."""
    strong = [h for h in free if h in XES_KEYS] or [h for h in free if matching.is_strong(_bare(h), attribute)] or free
    first = strong[0]
    if len(strong) == 1:
        return first
    same = [h for h in strong[1:] if frame[h].cast(pl.String).equals(frame[first].cast(pl.String)) and frame.height]
    if len(same) == len(strong) - 1:
        return first
    if attribute == "case_id":
        cells = {h: frame[h] for h in strong}
        deals = ids.of_deals(cells)
        if whole := ids.whole({h: cells[h] for h in deals or strong}):
            return whole
    if attribute in REQUIRED:
        raise ColumnsNotFound.ambiguous(name, attribute, _shown(frame, strong))
    own = [h for h in strong if not _CONVERTED.search(h)]
    if attribute == "amount" and len(own) == 1:
        converted = next(h for h in strong if h not in own)
        notes.append(Note("of_file", file=name, note=Note("converted_amount", column=own[0], converted=converted)))
        return own[0]
    note = Note("could_each_be", columns=strong, attribute=attribute, taken=first)
    notes.append(Note("of_file", file=name, note=note))
    return first


def _of_amount(free: list[str], amount: str) -> list[str]:
    """Of several columns of currencies the one called like the amount: Amount (converted) Currency."""
    own = [h for h in free if matching.normalise(h).startswith(matching.normalise(amount))]
    return [min(own, key=len)] if own else free


def _shown(frame: pl.DataFrame, headers: Iterable[str], most: int = 3) -> dict[str, list[str]]:
    """The first values of some columns, to tell them apart by."""
    return {h: frame[h].drop_nulls().unique(maintain_order=True).head(most).cast(pl.String).to_list() for h in headers}


def _refuse_twins(frame: pl.DataFrame, name: str, dates: Mapping[str, str], free: list[str]) -> None:
    """Refuse to choose between columns of one name, such as the creation of the account and that of the deal."""
    for activity, header in dates.items():
        twins = [h for h in free if _single(h) == _single(header) and not frame[h].equals(frame[header])]
        if twins:
            raise ColumnsNotFound.ambiguous_date(name, activity, _shown(frame, [header, *twins]))


def _single(header: str) -> str:
    """A header without the number that `unique` gave it."""
    return re.sub(r" \(\d+\)$", "", header)


# How headers of ids, numbers and names end.
_ID_LIKE = (
    "id",
    "no",
    "nr",
    "number",
    "nummer",
    "numéro",
    "número",
    "номер",
    "key",
    "name",
    "番号",
    "名",
    "コード",
    "编号",
    "号",
    "번호",
)


def _like_ids(frame: pl.DataFrame, others: Collection[str]) -> tuple[list[str], list[str]]:
    """Columns that might be ids by their name: those with another value in each row, and those in which one comes again."""
    like = [h for h in frame.columns if h not in others and _bare(h).casefold().rstrip(". ").endswith(_ID_LIKE)]
    full = [h for h in like if frame.height and not frame[h].null_count()]
    alone = [h for h in full if frame[h].n_unique() == frame.height]
    return alone[:3], [h for h in full if h not in alone][:3]


def _dates(headers: Iterable[str], said: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for header in headers:
        activity = matching.match_date_column(header)
        if activity in found and activity.startswith(STAGE):
            # The stages of two pipelines may be called the same.
            activity = STAGE + _bare(header)
        if activity and activity not in found and activity not in said:
            found[activity] = header
    return found


def _ends(headers: Iterable[str], said: Mapping[str, str], frame: pl.DataFrame) -> dict[str, str]:
    """Days of the close under the name of a flag: Closed, Won, that hold dates."""
    ends = {"is_closed": matching.CLOSE, "is_won": "Closed Won"}
    found: dict[str, str] = {}
    for header in headers:
        flag = next((name for name in matching.match_attribute(_bare(header)) if name in ends), None)
        if flag and ends[flag] not in {**said, **found} and closing.holds_days(frame[header]):
            found[ends[flag]] = header
    return found


def _own_names(headers: list[str], taken: set[str]) -> dict[str, str]:
    """Names for columns that the vocabulary does not know: their own, unless another thing bears it already."""
    return dict(zip(own_names(((_bare(header), header) for header in headers), taken), headers, strict=True))
