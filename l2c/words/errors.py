"""What can go wrong, and the words for it: what is wrong, what was found, what to do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches
from functools import wraps
from inspect import signature
from typing import ClassVar

_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


class L2CError(ValueError):
    """Base of everything the kit raises for input or wishes it cannot serve.

    Attributes
    ----------
    made_by, made_of
        Which of the ways below made it, `UnknownName.activity`, and of what: another language says the same by them.
    """

    made_by: str = ""
    made_of: ClassVar[dict[str, object]] = {}

    def __init__(self, *said: object) -> None:
        # Words of the data stand in messages: no line ends, signs that steer a terminal, or halves of signs among them.
        super().__init__(*(_UNPRINTABLE.sub(" ", each) if isinstance(each, str) else each for each in said))

    def __init_subclass__(cls, **rest: object) -> None:
        super().__init_subclass__(**rest)
        for name, made in list(vars(cls).items()):
            if isinstance(made, classmethod):
                setattr(cls, name, classmethod(_recorded(made.__func__)))


def _recorded(make: Callable[..., L2CError]) -> Callable[..., L2CError]:
    """The same way to make an error, which remembers what it was made of."""
    said = signature(make)

    @wraps(make)
    def recorded(*given: object, **named: object) -> L2CError:
        # What can be gone through only once would be used up before it is said.
        given = tuple(list(each) if isinstance(each, Iterator) else each for each in given)
        error = make(*given, **named)
        bound = said.bind(*given, **named)
        bound.apply_defaults()
        error.made_by, error.made_of = make.__qualname__, dict(list(bound.arguments.items())[1:])  # type: ignore[misc]
        return error

    return recorded


def closest(name: str, known: Iterable[str], n: int = 3) -> str:
    """Return the known names most like `name`, joined by commas; all of them when none is alike and few are known."""
    known = list(dict.fromkeys(known))
    alike = get_close_matches(name.casefold(), [k.casefold() for k in known], n=n, cutoff=0.5)
    found = [next(k for k in known if k.casefold() == a) for a in alike]
    return ", ".join(found or known[:8])


class UnknownName(L2CError):
    """A name that stands nowhere in the log."""

    @classmethod
    def activity(cls, name: str, known: Iterable[str]) -> UnknownName:
        """Tell which activity is unknown."""
        return cls(f"No activity is called {name!r}. Closest in this log: {closest(name, known)}.")

    @classmethod
    def attribute(cls, name: str, known: Iterable[str]) -> UnknownName:
        """Tell which case attribute is unknown."""
        return cls(f"No case attribute is called {name!r}. This log has: {', '.join(sorted(known))}.")

    @classmethod
    def value(cls, name: str, value: object, known: Iterable[str]) -> UnknownName:
        """Tell which value an attribute never has."""
        return cls(f"No case has {value!r} as its {name}. Closest: {closest(str(value), known)}.")

    @classmethod
    def person(cls, masked: Iterable[str]) -> UnknownName:
        """Tell that a log was handed on without names."""
        return cls(
            f"This log was handed on without names: its {', '.join(masked)} are pseudonyms. "
            "Their key is with whoever holds the log that it was made from: l2c names THAT_LOG."
        )

    @classmethod
    def metric(cls, name: str, known: Iterable[str]) -> UnknownName:
        """Tell which word is not one of a closed set."""
        return cls(f"{name!r} is not one of: {', '.join(known)}.")


class BadFilter(L2CError):
    """A filter that cannot be understood."""

    @classmethod
    def period(cls, word: str, value: object) -> BadFilter:
        """Tell how a period is written."""
        return cls(
            f"{word}={value!r} is not a period. Write a date such as '2025-03' or '2025-03-31', "
            "or a pair of them, either of which may be None."
        )

    @classmethod
    def pair(cls, word: str, value: object) -> BadFilter:
        """Tell how two activities are written."""
        return cls(f"{word}={value!r} is not a pair of activities such as ('Quote Sent', 'Contract Signed').")

    @classmethod
    def slower(cls, value: object) -> BadFilter:
        """Tell how a step and its days are written."""
        return cls(
            f"slower={value!r} is not a step and a number of days such as ('Quote Sent', 'Contract Signed', 12.5), "
            "nor an activity and the days before it."
        )

    @classmethod
    def number(cls, word: str, value: object) -> BadFilter:
        """Tell how a range of numbers is written."""
        return cls(f"{word}={value!r} is not a number or a pair such as (1000, None).")

    @classmethod
    def whole(cls, word: str, value: object) -> BadFilter:
        """Tell that only whole numbers count."""
        return cls(f"{word}={value!r} is not a whole number such as 3.")

    @classmethod
    def flag(cls, word: str, value: object) -> BadFilter:
        """Tell how yes and no are written."""
        return cls(f"{word}={value!r} is neither yes nor no. Write {word}=yes or {word}=no.")

    @classmethod
    def backwards(cls, word: str, value: object) -> BadFilter:
        """Tell that a pair ends before it begins."""
        return cls(f"{word}={value!r} ends before it begins. Write the earlier or smaller end first.")

    @classmethod
    def word(cls, text: str) -> BadFilter:
        """Tell how a filter is written on the command line."""
        return cls(f"--where {text!r} is not of the form attribute=value, such as region=EMEA.")


class UnreadableLog(L2CError):
    """A folder that is not a saved log."""

    @classmethod
    def incomplete(cls, folder: object, missing: Iterable[str]) -> UnreadableLog:
        """Tell what a saved log would hold."""
        return cls(
            f"{folder} is not a saved log: {', '.join(missing)} is missing. "
            f"Make one with `l2c read YOUR_FILE -o {folder}`."
        )

    @classmethod
    def a_file(cls, folder: object, path: object) -> UnreadableLog:
        """Tell that a log is a folder."""
        return cls(f"{folder} cannot be written: a log is a folder, and {path} is a file. Choose another name.")

    @classmethod
    def damaged(cls, folder: object, name: str, fault: str) -> UnreadableLog:
        """Tell which file of a saved log cannot be trusted."""
        return cls(
            f"{folder} cannot be opened: its file {name} {fault}. The log was damaged or changed after it was saved. "
            f"Restore it from a copy, or make it again with `l2c read YOUR_FILE -o {folder}`."
        )

    @classmethod
    def newer(cls, folder: object, schema: object) -> UnreadableLog:
        """Tell that a later version of the kit has saved a log."""
        return cls(f"{folder} was saved by a later version of l2c (schema {schema!r}). Update l2c, or make it again.")

    @classmethod
    def restless(cls, folder: object) -> UnreadableLog:
        """Tell that a log is replaced again and again while it is opened."""
        return cls(f"{folder} is being replaced by another program again and again. Wait until it has ended.")

    @classmethod
    def refused(cls, folder: object, why: str) -> UnreadableLog:
        """Tell why a log can be neither written nor read."""
        return cls(f"{folder} is no place for a log that this program can use ({why}). Check its name and your rights.")

    @classmethod
    def occupied(cls, folder: object) -> UnreadableLog:
        """Tell that a folder holds something else."""
        return cls(f"{folder} holds other files and is left alone. Name a new or empty folder, or a saved log.")

    @classmethod
    def no_demo(cls, log: object, folder: object) -> UnreadableLog:
        """Tell that there is no log, and that the demo company is not put beside other files."""
        return cls(
            f"{log} does not exist, and {folder} is in use, so that no demo company is written there. "
            "Name your log in log_path, or an empty folder in out_dir."
        )

    @classmethod
    def another(cls, folder: object) -> UnreadableLog:
        """Tell that the log of another input lies where one should go."""
        return cls(f"{folder} is the log of other data and is left alone. Choose another folder for this one.")

    @classmethod
    def other_report(cls, folder: object) -> UnreadableLog:
        """Tell that a folder holds the report of another log."""
        return cls(
            f"{folder} holds the report of other data and is left alone. "
            "Choose another folder with -o, or remove that one first."
        )

    @classmethod
    def no_report(cls, folder: object, names: Iterable[str]) -> UnreadableLog:
        """Tell that files which no report wrote stand where its own would go."""
        return cls(
            f"{folder} holds {', '.join(names)}, which no report wrote, and is left alone. Choose another folder with -o."
        )


class ColumnsNotFound(L2CError):
    """A required column that cannot be told from the headers."""

    MEANING: ClassVar = {"case_id": "the deal", "activity": "what happened", "time": "when it happened"}

    @classmethod
    def missing(cls, name: str, attributes: list[str], headers: list[str]) -> ColumnsNotFound:
        """Tell which columns are missing and how to name them."""
        wanted = ", ".join(f"{a} ({cls.MEANING[a]})" for a in attributes)
        line = ", ".join(f"{a}=YOUR_COLUMN" for a in attributes)
        return cls(
            f"{name}: no column was recognised as {wanted}. Its columns are: {_listed(headers)}. "
            f'Say which it is with --map "{line}".'
        )

    @classmethod
    def ambiguous(cls, name: str, attribute: str, headers: list[str]) -> ColumnsNotFound:
        """Tell which columns compete."""
        return cls(
            f"{name}: {' and '.join(headers[:4])} could each be {attribute} ({cls.MEANING[attribute]}), and they "
            f'differ. Say which it is, such as --map "{attribute}={headers[0]}".'
        )

    @classmethod
    def named(cls, name: str, header: str, headers: list[str]) -> ColumnsNotFound:
        """Tell that a column named by the user is not there."""
        return cls(
            f"{name} has no column {header!r}. Closest: {closest(header, headers)}. "
            f"Its columns are: {_listed(headers)}."
        )


def _listed(headers: list[str], most: int = 20) -> str:
    short = [h if len(h) <= 40 else h[:39] + "…" for h in headers[:most]]
    return ", ".join(short) + (f" and {len(headers) - most:,} more" if len(headers) > most else "")


class BadMapping(L2CError):
    """A mapping that cannot be understood."""

    @classmethod
    def short(cls, text: str) -> BadMapping:
        """Tell how a short mapping is written."""
        return cls(f"--map {text!r} is neither a file nor of the form attribute=column, attribute=column.")

    @classmethod
    def missing(cls, path: str) -> BadMapping:
        """Tell that there is no such file."""
        return cls(
            f'There is no mapping file {path}. Check the spelling, or say it shortly: "case_id=Deal No, time=When".'
        )

    @classmethod
    def no_mapping(cls, kind: str) -> BadMapping:
        """Tell what a mapping may be."""
        return cls(f"A {kind} is no mapping. Give a YAML file, its content, or text such as 'case_id=Deal No'.")

    @classmethod
    def no_file(cls, path: str) -> BadMapping:
        """Tell that a folder is no mapping."""
        return cls(f"The mapping {path} is no file. Name the YAML file itself.")

    @classmethod
    def no_sections(cls, where: str) -> BadMapping:
        """Tell that a file holds no mapping."""
        return cls(f"The mapping {where} holds no sections. It says, for example, `columns: {{case_id: Deal No}}`.")

    @classmethod
    def unreadable(cls, where: str, error: object) -> BadMapping:
        """Tell why the file cannot be read."""
        why = " ".join(str(error).split())
        return cls(f"The mapping {where} cannot be read as YAML: {why[:160]}.")

    @classmethod
    def form(cls, where: str, name: str, value: object, wanted: str) -> BadMapping:
        """Tell what a key may hold."""
        has = "nothing" if value is None or value == "" else repr(value)[:80]
        return cls(f"The mapping {where}: {name} holds {has}, and should be {wanted}.")

    @classmethod
    def lacks(cls, where: str, name: str, missing: Iterable[str]) -> BadMapping:
        """Tell which keys an entry needs."""
        return cls(f"The mapping {where}: {name} lacks {', '.join(missing)}.")

    @classmethod
    def no_activities(cls, where: str) -> BadMapping:
        """Tell that no object becomes an event."""
        return cls(
            f"The mapping {where} makes no activity of any object. Begin with a copy of salesforce.yaml, which `l2c template` writes."
        )

    @classmethod
    def reserved(cls, where: str, name: str) -> BadMapping:
        """Tell that a log makes such a column itself."""
        return cls(f"The mapping {where}: a log makes its column {name} itself. Give yours another name.")

    @classmethod
    def of_columns(cls, where: str) -> BadMapping:
        """Tell that the objects of an org take another kind of mapping."""
        return cls(
            f"The mapping {where} says what columns mean, but the source holds the objects of an org. Give one like "
            "salesforce.yaml, which `l2c template` writes, or none."
        )

    @classmethod
    def of_objects(cls, where: str) -> BadMapping:
        """Tell that a table takes another kind of mapping."""
        return cls(
            f"The mapping {where} says how the objects of an org become events, but the source is a table. Say what its "
            'columns mean, such as "case_id=Deal No, time=When".'
        )

    @classmethod
    def no_object(cls, where: str, activity: str, name: str) -> BadMapping:
        """Tell that an activity is made of an object that is not described."""
        return cls(
            f"The mapping {where} makes {activity} of the object {name}, which has no entry under `objects`. "
            f"Add it there, with the way it reaches its opportunity: `{name}: {{reach: [OpportunityId]}}`."
        )

    @classmethod
    def rule(cls, where: str, entry: object) -> BadMapping:
        """Tell what an activity needs."""
        return cls(
            f"The mapping {where} holds an activity that is not understood: {str(entry)[:160]}. It needs `activity`, "
            "`object` and `time`; `when` takes values, lists of them, filled, empty or {not: [...]}."
        )

    @classmethod
    def unknown(cls, where: str, unknown: Iterable[str], known: Iterable[str]) -> BadMapping:
        """Tell which keys a mapping has."""
        return cls(
            f"The mapping {where} says {', '.join(unknown)}, which is not understood. "
            f"It may hold: {', '.join(sorted(known))}."
        )


class NothingToRead(L2CError):
    """A source without a usable event."""

    @classmethod
    def no_rows(cls, names: Iterable[str]) -> NothingToRead:
        """Tell that there is a header and nothing below it."""
        return cls(f"{', '.join(names)} holds no rows below its header. Export the data again and include the records.")

    @classmethod
    def nothing_usable(cls, names: Iterable[str], rows: int, reasons: dict[str, int]) -> NothingToRead:
        """Tell why no row could be used."""
        why = ", ".join(f"{count:,} {reason}" for reason, count in reasons.items())
        return cls(
            f"None of the {rows:,} rows of {', '.join(names)} could be used: {why}. "
            "Check which columns hold the deal, the activity and the time (--map)."
        )

    @classmethod
    def no_files(cls, folder: object) -> NothingToRead:
        """Tell that a folder holds nothing readable."""
        return cls(f"{folder} holds no file that can be read. It may hold CSV, Excel, Parquet or XES files.")

    @classmethod
    def no_deals(cls, found: Iterable[str]) -> NothingToRead:
        """Tell that an org's export lacks what every case begins with."""
        return cls(
            f"No record of Opportunity or Lead can be used; found: {', '.join(found) or 'nothing'}. Export at least "
            "Opportunity with Id, CreatedDate and StageName (docs/salesforce.md lists the objects)."
        )

    @classmethod
    def history(cls, path: object) -> NothingToRead:
        """Tell that a history alone has no deals."""
        return cls(
            f"{path} holds each state of the opportunities, not the opportunities. Put the export of Opportunity beside "
            "it, and read the folder."
        )

    @classmethod
    def no_ids(cls, name: str, path: object) -> NothingToRead:
        """Tell that records cannot be told apart."""
        return cls(f"{path} has no column Id, so that no other record can be joined to its {name}. Export it with Id.")

    @classmethod
    def not_a_source(cls, kind: str) -> NothingToRead:
        """Tell what can be read."""
        return cls(
            f"A {kind} cannot be read. Give a path, several paths, a folder, a data frame of pandas, polars or "
            "Arrow, or a list of records."
        )

    @classmethod
    def nothing(cls) -> NothingToRead:
        """Tell that the source is empty."""
        return cls("The source holds neither files nor tables nor records. Give at least one.")

    @classmethod
    def not_there(cls, path: object) -> NothingToRead:
        """Tell that a path does not exist."""
        return cls(f"{path} does not exist. Check the spelling, or drag the file into the terminal to get its path.")


class NotebookFailed(L2CError):
    """A notebook that could not be run to its end."""

    @classmethod
    def cell(cls, name: str, number: int, why: str, kept: str) -> NotebookFailed:
        """Tell which cell failed and where the executed notebook is."""
        return cls(f"{name} stopped in cell {number}: {why}. The notebook as far as it ran is {kept}.")

    @classmethod
    def parameters(cls, name: str, unknown: Iterable[str]) -> NotebookFailed:
        """Tell that a notebook does not take a parameter."""
        return cls(f"{name} has no parameter {', '.join(unknown)}. Its parameters stand in its first code cell.")

    @classmethod
    def ended(cls) -> NotebookFailed:
        """Tell that a process was ended by something else."""
        return cls(
            "A process that ran a notebook was ended from outside, most often because memory ran out. Close other "
            "programs, or choose less of the log with --where."
        )

    @classmethod
    def nothing_left(cls, filters: dict[str, str]) -> NotebookFailed:
        """Tell that the filters leave no case."""
        words = ", ".join(f"{word}={text}" for word, text in filters.items())
        return cls(f"No case passes the filters {words}. Loosen one of them.")


class AmbiguousDates(L2CError):
    """A column of dates that can be read in two ways."""

    @classmethod
    def either(cls, where: str, example: str) -> AmbiguousDates:
        """Tell that nothing in the column decides."""
        return cls(
            f"{where}: {example!r} could be day-month or month-day, and no value of the column decides it. "
            "Say which with --date-format dmy or --date-format mdy."
        )

    @classmethod
    def both(cls, where: str, day_first: str, month_first: str) -> AmbiguousDates:
        """Tell that the column contradicts itself."""
        return cls(
            f"{where}: {day_first!r} has the day first and {month_first!r} the month first. "
            "Export the two parts separately, or say which form holds with --date-format dmy or --date-format mdy; "
            "values of the other form are then set aside."
        )


class BadTimeZone(L2CError):
    """A time zone that does not exist."""

    @classmethod
    def named(cls, name: str) -> BadTimeZone:
        """Tell how zones are named."""
        return cls(f"{name!r} is not a time zone. Zones are named like Asia/Tokyo, Europe/Berlin or UTC.")


class BadOption(L2CError):
    """Something said of the source that cannot be."""

    @classmethod
    def mask(cls, name: str) -> BadOption:
        """Tell that only texts can be masked."""
        return cls(
            f"--mask {name}: {name} holds no texts, and only names can be masked, such as rep, account or actor."
        )

    @classmethod
    def currency(cls, currency: str) -> BadOption:
        """Tell how currencies are named."""
        return cls(
            f"{currency!r} is not a currency code. Currencies are named by three letters, such as EUR, USD or JPY."
        )

    @classmethod
    def date_format(cls, form: str) -> BadOption:
        """Tell how the form of dates is said."""
        return cls(f"{form!r} is not a form of dates. Say dmy, mdy, or one with codes such as '%d.%m.%Y %H:%M'.")

    @classmethod
    def unused(cls, names: Iterable[str], source: str) -> BadOption:
        """Tell that a source has no use for an option."""
        given = list(names)
        it, was = ("it", "was") if len(given) == 1 else ("them", "were")
        return cls(f"{', '.join(given)} {was} given, but {source} has no use for {it}. Leave {it} out.")

    @classmethod
    def moment(cls, name: str, value: object) -> BadOption:
        """Tell how a date is written."""
        return cls(f"{name}={value!r} is not a date. Write it such as 2026-06-30 or 2026-06-30 18:00.")

    @classmethod
    def two_ways(cls, name: str, value: object) -> BadOption:
        """Tell that a date can be read in two ways."""
        return cls(f"{name}={value!r} could be day-month or month-day. Write the year first, such as 2026-06-30.")

    @classmethod
    def backwards(cls, start: object, end: object) -> BadOption:
        """Tell that a history cannot begin after the data were taken."""
        return cls(f"The history begins on {start}, after the data were taken on {end}. Check both dates.")


class BadComparison(L2CError):
    """A comparison that cannot be made."""

    @classmethod
    def date(cls, date: object) -> BadComparison:
        """Tell how a date is written."""
        return cls(f"{date!r} is not a date. Write it such as '2025-03-31'.")

    @classmethod
    def room(cls, days: float | None, before: float, after: float) -> BadComparison:
        """Tell how much history lies on both sides."""
        wanted = "A window of at least one day" if days is None else f"A window of {days:g} days"
        return cls(
            f"{wanted} does not fit on both sides of the date: the log has {max(before, 0):.1f} days before it and "
            f"{max(after, 0):.1f} after it. Choose another date or shorter windows."
        )

    @classmethod
    def empty(cls, filters: dict[str, str]) -> BadComparison:
        """Tell which side has no case."""
        words = ", ".join(f"{word}={text}" for word, text in filters.items())
        which = f"No case passes the filters {words}, so" if words else "One side has no case, so"
        return cls(f"{which} there is nothing to compare. Choose more of the log.")

    @classmethod
    def shared(cls, count: int) -> BadComparison:
        """Tell that the two sides are not apart."""
        return cls(
            f"{count:,} cases stand on both sides, which would make the sides alike. Choose two selections without a "
            "common case, such as two regions or two periods."
        )


class BadChange(L2CError):
    """A what-if question that cannot be answered."""

    @classmethod
    def one_of(cls) -> BadChange:
        """Tell which of two parameters to give."""
        return cls("Say either by what share the step gets shorter (share=0.3) or its longest duration (days=5).")

    @classmethod
    def out_of_range(cls, name: str, value: float) -> BadChange:
        """Tell which values make sense."""
        limits = "between 0 and 1" if name == "share" else "0 or more"
        return cls(f"{name}={value!r} is not possible; it must be {limits}.")

    @classmethod
    def no_such_step(cls, start: str, end: str, followers: Iterable[str]) -> BadChange:
        """Tell what does follow."""
        known = ", ".join(list(followers)[:3])
        after = f"{start} is followed by {known}" if known else f"nothing follows {start}"
        return cls(f"{end} never follows {start} directly in this log; {after}.")

    @classmethod
    def no_steps(cls) -> BadChange:
        """Tell that nothing follows anything."""
        return cls("No case of this log has two events, so there is no step to change. Choose more of the log.")


class UnreadableFile(L2CError):
    """A file that holds no table, or holds it in a way that cannot be read."""

    @classmethod
    def empty(cls, name: str) -> UnreadableFile:
        """Tell that nothing is in the file."""
        return cls(f"{name} is empty. Export the data again.")

    @classmethod
    def not_a_file(cls, name: str, instead: str) -> UnreadableFile:
        """Tell that something else than a file stands under a name."""
        return cls(f"{name} is {instead}, not a file. Give a file, a folder of files, or a pipe.")

    @classmethod
    def broken_link(cls, name: str, target: str) -> UnreadableFile:
        """Tell that a link leads nowhere."""
        return cls(f"{name} is a link to {target}, which is not there. Give the file itself, or mend the link.")

    @classmethod
    def silent(cls, name: str, seconds: float) -> UnreadableFile:
        """Tell that nobody writes into a pipe."""
        return cls(f"Nothing was written into {name} within {seconds:.0f} seconds. Start what writes into it first.")

    @classmethod
    def endless(cls, name: str) -> UnreadableFile:
        """Tell that a pipe gives more than can be read."""
        return cls(f"{name} gives more than 4 GB, and may never end. Write it to a file, and read that.")

    @classmethod
    def failed(cls, name: str, why: str) -> UnreadableFile:
        """Tell what the system says of a file."""
        return cls(f"{name} cannot be read: {why}. Copy it to a local disk and read the copy.")

    @classmethod
    def locked(cls, name: str) -> UnreadableFile:
        """Tell that a file asks for a password."""
        return cls(f"{name} is protected by a password. Save it without one.")

    @classmethod
    def forbidden(cls, name: str) -> UnreadableFile:
        """Tell that the file may not be opened."""
        return cls(f"{name} may not be opened: you lack the right to read it, or another program holds it.")

    @classmethod
    def damaged(cls, name: str, kind: str) -> UnreadableFile:
        """Tell that a file breaks off or is damaged."""
        return cls(
            f"{name} begins like a file of the kind {kind}, but is damaged or incomplete. Export or copy it again."
        )

    @classmethod
    def not_text(cls, name: str) -> UnreadableFile:
        """Tell that a file holds no table."""
        return cls(f"{name} is neither a table nor an event log. Give a CSV, Excel (.xlsx), Parquet or XES file.")

    @classmethod
    def not_a_table(cls, name: str, why: str) -> UnreadableFile:
        """Tell that text has no rows and columns."""
        return cls(f"{name} cannot be laid out in rows and columns ({why}). Export it as CSV again.")

    @classmethod
    def endless_line(cls, name: str) -> UnreadableFile:
        """Tell that a file has no line ends."""
        return cls(f"{name} has a line of several megabytes, so it is no table of rows. Export it as CSV again.")

    @classmethod
    def old_excel(cls, name: str) -> UnreadableFile:
        """Tell what to do with an old or protected workbook."""
        return cls(f"{name} is an old Excel file (.xls) or protected by a password. Save it as .xlsx without one.")

    @classmethod
    def packed(cls, name: str, kind: str) -> UnreadableFile:
        """Tell to unpack a file that is packed itself."""
        return cls(f"{name} holds a file of the kind {kind}, packed once more. Unpack it first.")

    @classmethod
    def not_a_workbook(cls, name: str) -> UnreadableFile:
        """Tell that a zip file holds no workbook."""
        return cls(
            f"{name} is a zip file without an Excel workbook (.xlsx) in it. A zip of Salesforce objects has a name that "
            "ends in .zip; unpack any other, or save the workbook as .xlsx, and read that."
        )

    @classmethod
    def too_large(cls, name: str) -> UnreadableFile:
        """Tell that a packed file grows beyond measure."""
        return cls(f"{name} unpacks to far more than its size can hold honestly, and was not read. Unpack it yourself.")

    @classmethod
    def declares(cls, name: str, things: str) -> UnreadableFile:
        """Tell that a file declares more than it holds."""
        return cls(
            f"{name} declares more {things} than it holds, and was not read. Save it again, or export it as CSV."
        )

    @classmethod
    def endless_cell(cls, name: str) -> UnreadableFile:
        """Tell that one cell is longer than any text."""
        return cls(f"{name} has a cell of more than a million signs, and was not read. Shorten it, or leave it out.")

    @classmethod
    def too_wide(cls, name: str, width: int, most: int) -> UnreadableFile:
        """Tell that a table has more columns than Excel."""
        return cls(
            f"{name} has {width:,} columns, and no more than {most:,} are read. Export only those that are needed."
        )

    @classmethod
    def sparse(cls, name: str, rows: int, columns: int, held: int) -> UnreadableFile:
        """Tell that a table is far larger than what is filled of it."""
        return cls(
            f"{name} reaches over {rows:,} rows and {columns:,} columns, but fills only {held:,} of their cells. Delete "
            "what stands far from the table, or export only the columns that are needed."
        )

    @classmethod
    def entities(cls, name: str) -> UnreadableFile:
        """Tell that a file declares entities."""
        return cls(f"{name} declares XML entities, which can be used to attack a reader, and was not read.")

    @classmethod
    def no_events(cls, name: str) -> UnreadableFile:
        """Tell that an XES file has no events."""
        return cls(f"{name} is XML, but holds no trace with events. Give an event log in XES.")


class BadDemo(L2CError):
    """A demo company that cannot be."""

    @classmethod
    def too_few(cls, cases: int) -> BadDemo:
        """Tell that a company needs cases."""
        return cls(f"A demo company of {cases} cases is none. Ask for at least 1.")


class NoModel(L2CError):
    """A process model that cannot be made or saved as asked."""

    @classmethod
    def no_case(cls) -> NoModel:
        """Tell that there is nothing to mine."""
        return cls("There is no case to make a model of. Loosen the filters.")

    @classmethod
    def noise(cls, value: object) -> NoModel:
        """Tell what a noise threshold is."""
        return cls(f"noise={value!r} is not a share from 0 (keep every path) to 1.")

    @classmethod
    def format(cls, name: str) -> NoModel:
        """Tell how a model file is named."""
        return cls(f"A model is saved as a .bpmn file, and {name} is not named so.")


class UntypedColumn(L2CError):
    """A column of a frame that stays in its engine, and is not of the kind it must be."""

    @classmethod
    def time(cls, where: str, has: str) -> UntypedColumn:
        """Tell that text is no time."""
        return cls(
            f"{where} is {has}, not a date or time. Convert it in your query first, with to_timestamp for example."
        )

    @classmethod
    def number(cls, where: str, has: str) -> UntypedColumn:
        """Tell that text is no number."""
        return cls(f"{where} is {has}, not a number. Convert it in your query first, with try_cast(… AS DOUBLE).")

    @classmethod
    def flag(cls, where: str, has: str) -> UntypedColumn:
        """Tell that text is no flag."""
        return cls(f"{where} is {has}, not true or false. Convert it in your query first, such as won = 'Yes'.")

    @classmethod
    def zone(cls, where: str, zone: str) -> UntypedColumn:
        """Tell that an engine cannot turn local times into UTC."""
        return cls(
            f"{where} has times without a zone, which this engine cannot read as {zone}. Convert them to UTC first."
        )

    @classmethod
    def wide(cls, name: str, dates: Iterable[str]) -> UntypedColumn:
        """Tell that a row per deal has to become a row per event."""
        return cls(
            f"{name} has a row per deal ({', '.join(dates)}). Turn it into a row per event in your query "
            "(case_id, activity, time), or read it from a file."
        )


class UnreadableColumn(L2CError):
    """A column of a data frame whose cells are no text, number or time."""

    @classmethod
    def cell(cls, where: str, row: int, kind: str) -> UnreadableColumn:
        """Tell which cell cannot be read."""
        return cls(
            f"{where}: row {row:,} holds a {kind}, which cannot be read as text. Turn the column into text, numbers or "
            "times first, or leave it out."
        )


class EngineTrouble(L2CError):
    """An engine that cannot do what was asked, for want of memory, disk or machines."""

    @classmethod
    def memory(cls, why: str) -> EngineTrouble:
        """Tell that memory ran out."""
        return cls(
            f"Memory does not suffice ({why.splitlines()[0]}). Filter the log, close other programs, or set "
            "L2C_MEMORY higher, such as L2C_MEMORY=8GB; larger logs run on Spark. Nothing was changed."
        )

    @classmethod
    def disk(cls, folder: object = None) -> EngineTrouble:
        """Tell that a disk is full."""
        place = f" at {folder}" if folder else ""
        return cls(f"The disk{place} is full. Free some space or choose another folder. Nothing was changed.")

    @classmethod
    def spark(cls, why: str) -> EngineTrouble:
        """Tell what Spark says."""
        return cls(f"Spark could not do it: {why.strip().splitlines()[0][:300].rstrip('.')}.")

    @classmethod
    def reading(cls, why: str) -> EngineTrouble:
        """Tell that a file could not be read, though it could before."""
        return cls(
            f"A file could not be read ({why.strip().splitlines()[0][:300].rstrip('.')}). It was changed, moved or damaged. "
            "Open the log again, or read its source again."
        )

    @classmethod
    def no_size(cls, text: str) -> EngineTrouble:
        """Tell how an amount of memory is written."""
        return cls(f"L2C_MEMORY={text!r} is not an amount of memory. Write it like 4GB.")


class BadRules(L2CError):
    """A file of rules that cannot be read, or a rule that makes no sense."""

    @classmethod
    def unreadable(cls, path: object, error: object) -> BadRules:
        """Tell why a file of rules cannot be read."""
        return cls(f"{path} cannot be read as a file of rules: {str(error).splitlines()[0]}. docs/rules.md shows one.")

    @classmethod
    def shape(cls, path: object) -> BadRules:
        """Tell that a file holds no rules."""
        return cls(f"{path} holds no list of rules. It starts with 'rules:' and has one '- id: …' per rule.")

    @classmethod
    def incomplete(cls, what: object) -> BadRules:
        """Tell that a rule lacks its id or what it requires."""
        return cls(f"A rule needs an id and a require, but this one is {str(what)[:120]!r}.")

    @classmethod
    def twice(cls, rule: str) -> BadRules:
        """Tell that two rules have the same id."""
        return cls(f"Two rules have the id {rule}. Give each its own.")

    @classmethod
    def key(cls, rule: str, word: str, known: Iterable[str]) -> BadRules:
        """Tell that a rule holds an unknown word."""
        return cls(f"Rule {rule}: {word!r} means nothing here. Known: {', '.join(known)}.")

    @classmethod
    def verb(cls, rule: str, word: str, known: Iterable[str]) -> BadRules:
        """Tell that a rule requires something unknown."""
        return cls(f"Rule {rule} requires {word!r}, which is none of: {', '.join(known)}.")

    @classmethod
    def argument(cls, rule: str, word: str, example: str) -> BadRules:
        """Tell how a verb is used."""
        return cls(f"Rule {rule}: {word!r} is not filled in as it should be. Write it like {word}: {example}.")

    @classmethod
    def condition(cls, rule: str, text: str) -> BadRules:
        """Tell that a condition cannot be understood."""
        return cls(
            f"Rule {rule}: the condition {text[:120]!r} cannot be understood. Compare attributes with values, such as "
            "discount > 0.2 and region in ['EMEA', 'APAC']."
        )


class BadModel(L2CError):
    """A file that is no process model."""

    @classmethod
    def unreadable(cls, path: object) -> BadModel:
        """Tell that a file holds no BPMN model."""
        return cls(f"{path} cannot be read as a BPMN 2.0 model with named tasks. Export it as BPMN 2.0 XML.")


class OrgTrouble(L2CError):
    """An org that does not answer as it should; `code` is Salesforce's own word for it, where it gave one."""

    code: str = ""

    @classmethod
    def no_login(cls, said: Iterable[str]) -> OrgTrouble:
        """Tell which ways there are to log in."""
        found = ", ".join(said) or "nothing"
        return cls(
            f"There is no complete way to log in to Salesforce; found in the environment and the keyring: {found}. Log in "
            "with `sf org login web`, or set SF_CLIENT_ID with a key or a secret (docs/salesforce.md shows how)."
        )

    @classmethod
    def refused_login(cls, way: str, why: str) -> OrgTrouble:
        """Tell that the org does not let this user in."""
        return cls(f"Salesforce refused the login by {way}: {why}. docs/salesforce.md lists what each way needs.")

    @classmethod
    def expired(cls, why: str) -> OrgTrouble:
        """Tell that a session has run out and cannot be renewed."""
        return cls(
            f"The session with Salesforce has ended and cannot be renewed ({why}). Log in again and repeat the command: it "
            "goes on where it stopped."
        )

    @classmethod
    def answered(cls, what: str, why: str, code: str) -> OrgTrouble:
        """Tell what Salesforce answered."""
        error = cls(f"Salesforce refused {what}: {why}. The user needs the right to read it (docs/salesforce.md).")
        error.code = code or "refused"
        return error

    @classmethod
    def gave_up(cls, what: str, tries: int, why: str) -> OrgTrouble:
        """Tell that waiting did not help."""
        return cls(
            f"Salesforce did not answer for {what} after {tries} tries: {why}. Repeat the command later: it goes on where it "
            "stopped."
        )

    @classmethod
    def ceiling(cls, used: int, limit: int, share: float) -> OrgTrouble:
        """Tell that others need what is left of the API requests."""
        return cls(
            f"The org has used {used:,} of its {limit:,} API requests of the last 24 hours, and this program stops at "
            f"{share:.0%}. Repeat the command tomorrow: it goes on where it stopped."
        )

    @classmethod
    def failed_job(cls, name: str, state: str, why: str) -> OrgTrouble:
        """Tell which query Salesforce could not do."""
        return cls(
            f"Salesforce ended the query of {name} as {state}: {why}. Other objects are kept; repeat the command."
        )

    @classmethod
    def short_page(cls, name: str, rows: int, told: str | None) -> OrgTrouble:
        """Tell that a page never came whole."""
        return cls(f"A page of {name} held {rows:,} rows where Salesforce announced {told}. Repeat the command.")

    @classmethod
    def other_org(cls, folder: object, there: str, here: str) -> OrgTrouble:
        """Tell that a folder holds another org."""
        return cls(f"{folder} holds records of {there}, and this is {here}. Name another folder: salesforce:FOLDER.")


class WarehouseTrouble(L2CError):
    """A warehouse that cannot be read, or holds no org."""

    @classmethod
    def refused(cls, address: str, why: str) -> WarehouseTrouble:
        """Tell what the database answered."""
        return cls(f"The warehouse {address} cannot be read: {why}. Check the address, the user and the password.")

    @classmethod
    def no_driver(cls, kind: str, package: str | None) -> WarehouseTrouble:
        """Tell which package speaks to such a database."""
        way = f"Install it with `pip install {package}`" if package else "SQLAlchemy's documentation lists the packages"
        return cls(f"There is no driver for {kind} here. {way}.")

    @classmethod
    def address(cls) -> WarehouseTrouble:
        """Tell how an address is written."""
        return cls(
            "The address of the warehouse is not understood. Write it as postgresql://USER@HOST/DATABASE#SCHEMA, and give "
            "the password in L2C_WAREHOUSE_PASSWORD."
        )

    @classmethod
    def alone(cls) -> WarehouseTrouble:
        """Tell that a warehouse is a source of its own."""
        return cls("The address of a warehouse is read alone. Give no other source beside it.")

    @classmethod
    def no_org(cls, tables: Iterable[str]) -> WarehouseTrouble:
        """Tell that no table is called as an object is."""
        return cls(
            f"The warehouse has no table for Opportunity or Lead; it has: {_listed(sorted(tables)) or 'none'}. Name the schema "
            "at the end of the address, such as #salesforce."
        )

    @classmethod
    def several(cls, schemas: Iterable[str]) -> WarehouseTrouble:
        """Tell that several schemas hold an org."""
        names = ", ".join(schemas)
        return cls(
            f"Several schemas hold an org: {names}. Name one at the end of the address, such as #{names.split(',')[0]}."
        )

    @classmethod
    def ambiguous(cls, name: str, tables: Iterable[str]) -> WarehouseTrouble:
        """Tell which tables compete."""
        return cls(f"Several tables could hold {name}: {', '.join(tables)}. Give a schema, or views, with one of them.")


class PortTaken(L2CError):
    """An address at which the dashboard cannot listen."""

    @classmethod
    def at(cls, host: str, port: int) -> PortTaken:
        """Tell which, and what else to try."""
        return cls(
            f"Nothing can listen at {host}:{port}: it is in use, or not an address of this machine. Choose another with "
            "--port, such as --port 8867, or leave --host out."
        )


class MissingExtra(L2CError):
    """Something that needs packages which only an extra of the kit brings."""

    @classmethod
    def of(cls, extra: str, modules: Iterable[str]) -> MissingExtra:
        """Tell which are missing, and how they are installed."""
        return cls(f"Not installed here: {', '.join(modules)}. Install it with: pip install 'l2c[{extra}]'.")
