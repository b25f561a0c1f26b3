"""What may be said on the command line?"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Mapping
from typing import NoReturn

from l2c.log.origin import SMALLEST


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        # What is told to be wrong may be an address with a password.
        super().error(re.sub(r"[^\s'\"]*:\S*@\S*|\S+://\S+", "…", message))


def parser(commands: Mapping[str, Callable[[argparse.Namespace], int | None]]) -> argparse.ArgumentParser:
    """Make the parser of the command line.

    Parameters
    ----------
    commands
        What each command does, by its name.
    """
    from l2c import __version__

    made = _Parser(
        prog="l2c",
        description="Process mining of the lead-to-cash process: from a Salesforce export to a six-step plan.",
    )
    made.add_argument("--version", action="version", version=f"l2c {__version__}")
    kinds = made.add_subparsers(title="commands", required=True, metavar="COMMAND")

    template = kinds.add_parser(
        "template", help="write the Excel and CSV templates, the rules and the mapping of objects"
    )
    template.add_argument("-o", "--out", default="template", metavar="DIR", help="folder to write to (%(default)s)")
    template.add_argument("--lang", choices=["en", "ja"], help="one language only")
    template.set_defaults(command=commands["template"])

    demo = kinds.add_parser("demo", help="write the demo log and its truth")
    demo.add_argument("-o", "--out", default="demo", metavar="DIR", help="folder to write to (%(default)s)")
    demo.add_argument("--cases", type=_positive, default=5000, metavar="N", help="number of cases (%(default)s)")
    demo.add_argument("--seed", type=int, default=7, metavar="S", help="another seed, another company (%(default)s)")
    demo.set_defaults(command=commands["demo"])

    check = kinds.add_parser("check", help="what is in files, and what they can answer, before any analysis")
    check.add_argument("source", nargs="+", metavar="SOURCE", help="as for read, or a saved log")
    check.add_argument("--html", metavar="FILE", help="write it as a page")
    check.add_argument("--json", metavar="FILE", help="write it as JSON; - for standard output")
    check.add_argument("--lang", choices=["en", "ja"], default="en", help="language of the page (%(default)s)")
    _reading(check)
    check.set_defaults(command=commands["check"])

    read = kinds.add_parser("read", help="read files into a saved log, with the quality report")
    read.add_argument(
        "source",
        nargs="+",
        metavar="SOURCE",
        help="files, a folder or zip of files, salesforce: for the org itself, or the address of a warehouse",
    )
    read.add_argument("-o", "--out", required=True, metavar="LOG", help="folder of the saved log")
    read.add_argument("--json", metavar="FILE", help="write the quality report as JSON")
    read.add_argument("--instance-url", metavar="URL", help="the Salesforce org, for links to its records")
    _measuring(read)
    _masking(read)
    _reading(read)
    read.set_defaults(command=commands["read"])

    analyse = kinds.add_parser("analyse", help="every metric, as JSON")
    analyse.add_argument("source", metavar="LOG|SOURCE", help="a saved log, a file or a folder")
    analyse.add_argument("--json", required=True, metavar="FILE", help="where to write; - for standard output")
    _filtering(analyse)
    _measuring(analyse)
    _naming(analyse)
    _reading(analyse)
    analyse.set_defaults(command=commands["analyse"])

    simulate = kinds.add_parser("simulate", help="what a change would bring, with ranges")
    simulate.add_argument("source", metavar="LOG|SOURCE", help="a saved log, a file or a folder")
    simulate.add_argument("change", metavar="CHANGE", help="what shall change (YAML; l2c template writes one)")
    simulate.add_argument(
        "--json",
        nargs="?",
        const="-",
        metavar="FILE",
        help="write it as JSON; to standard output unless a file is given",
    )
    simulate.add_argument("--runs", type=_runs, default=200, metavar="N", help="possible years (%(default)s)")
    simulate.add_argument("--lang", choices=["en", "ja"], default="en", help="language of the tables (%(default)s)")
    _filtering(simulate)
    _naming(simulate)
    _reading(simulate)
    simulate.set_defaults(command=commands["simulate"])

    watch = kinds.add_parser("watch", help="what is alarming today; exit status 3 if anything is")
    watch.add_argument("source", metavar="LOG|SOURCE", help="a saved log, a file or a folder")
    watch.add_argument(
        "alerts",
        nargs="?",
        metavar="ALERTS",
        help="what to watch (YAML; l2c template writes one to change); stalled deals, late invoices, rules and targets unless given",
    )
    watch.add_argument(
        "--json",
        nargs="?",
        const="-",
        metavar="FILE",
        help="write it as JSON; to standard output unless a file is given",
    )
    _registering(watch)
    watch.add_argument("--rows", type=_positive, default=10, metavar="N", help="most rows of each alert (%(default)s)")
    watch.add_argument("--lang", choices=["en", "ja"], default="en", help="language of the text (%(default)s)")
    _filtering(watch)
    _judging(watch)
    _measuring(watch)
    _naming(watch)
    _reading(watch)
    watch.set_defaults(command=commands["watch"])

    asking = kinds.add_parser(
        "tasks", help="a file of tasks for the deals that are flagged, for Salesforce Data Loader"
    )
    asking.add_argument("source", metavar="LOG", help="a saved log")
    asking.add_argument("-o", "--out", default="tasks.csv", metavar="FILE", help="where to write (%(default)s)")
    asking.add_argument("--most", type=_positive, default=50, metavar="N", help="most deals (%(default)s)")
    asking.add_argument(
        "--at-risk", action="store_true", help="the open deals with the most value at risk, not those that are flagged"
    )
    asking.add_argument("--due", metavar="DATE", help="the day by which they are due (a week after the extraction)")
    asking.add_argument("--owners", metavar="FILE", help="an export of User, for the ids of the owners")
    asking.add_argument(
        "--update",
        action="append",
        default=[],
        metavar="FIELD=VALUE",
        help="write changes of fields of the deals instead of tasks; may be repeated",
    )
    asking.add_argument(
        "--came", action="store_true", help="say what became of what was asked before, and write nothing"
    )
    asking.add_argument("--lang", choices=["en", "ja"], default="en", help="language of the tasks (%(default)s)")
    _watching(asking)
    _judging(asking)
    _filtering(asking)
    _naming(asking)
    _reading(asking)
    asking.set_defaults(command=commands["tasks"])

    report = kinds.add_parser("report", help="the notebooks as pages that load nothing from elsewhere")
    report.add_argument("source", metavar="LOG|SOURCE", help="a saved log, a file or a folder")
    report.add_argument(
        "-o", "--out", metavar="DIR", help="folder to write to (report-NAME, by the name of the source)"
    )
    report.add_argument(
        "--by",
        metavar="ATTRIBUTE",
        help="one report per value of an attribute, also by the header of the source file, and an index",
    )
    report.add_argument(
        "--client", metavar="NAME", default="", help="for whom it is: at the head and the foot of every page"
    )
    report.add_argument("--lang", choices=["en", "ja"], default="en", help="language of the report (%(default)s)")
    report.add_argument(
        "--change",
        metavar="DATE",
        help="the day of a change, whose outcomes are judged; else the latest decision of the register, else quarters",
    )
    _watching(report)
    _registering(report)
    _filtering(report)
    _judging(report)
    _measuring(report)
    _naming(report)
    _reading(report)
    report.set_defaults(command=commands["report"])

    refresh = kinds.add_parser(
        "refresh", help="read what is new into a saved log, then report and watch as the last time"
    )
    refresh.add_argument("log", metavar="LOG", help="a folder that l2c read made")
    refresh.add_argument(
        "source", nargs="*", metavar="SOURCE", help="where the data lie now, if that is elsewhere than last time"
    )
    refresh.add_argument("-o", "--out", metavar="DIR", help="folder of the report (where it was written last)")
    refresh.add_argument("--lang", choices=["en", "ja"], help="language of the text and the report (that of last time)")
    refresh.set_defaults(command=commands["refresh"])

    dashboard = kinds.add_parser("dashboard", help="the dashboard, in the browser")
    dashboard.add_argument(
        "log", nargs="?", metavar="LOG", help="a saved log, a file or a folder; the demo unless given"
    )
    dashboard.add_argument("--port", type=_port, default=8866, metavar="N", help="where to listen (%(default)s)")
    dashboard.add_argument(
        "--host", default="127.0.0.1", metavar="IP", help="let others in, with a token: 0.0.0.0 (%(default)s)"
    )
    dashboard.add_argument("--lang", choices=["en", "ja"], default="en", help="language of the pages (%(default)s)")
    dashboard.add_argument(
        "--client", metavar="NAME", default="", help="for whom a report of the selection is: on every page of it"
    )
    dashboard.add_argument("--instance-url", metavar="URL", help="the Salesforce org, for links to its records")
    dashboard.add_argument("--no-browser", action="store_true", help="do not open a browser")
    dashboard.add_argument(
        "--visitors", type=_positive, default=20, metavar="N", help="how many may look at once (%(default)s)"
    )
    _watching(dashboard)
    _registering(dashboard)
    _judging(dashboard)
    _measuring(dashboard)
    _naming(dashboard)
    _reading(dashboard)
    dashboard.set_defaults(command=commands["dashboard"])

    lab = kinds.add_parser("lab", help="JupyterLab on the notebooks")
    lab.add_argument("log", nargs="?", metavar="LOG", help="a saved log, a file or a folder; the demo unless given")
    lab.add_argument(
        "-o", "--out", metavar="DIR", help="folder to work in (lab-NAME or lab-NAME-ja, by the name of the log)"
    )
    lab.add_argument("--lang", choices=["en", "ja"], default="en", help="language of the notebooks (%(default)s)")
    _reading(lab)
    lab.set_defaults(command=commands["lab"])

    names = kinds.add_parser("names", help="whom the pseudonyms of reports stand for, for whoever holds the log")
    names.add_argument("log", metavar="LOG|SOURCE", help="the log that the report was made from")
    _reading(names)
    names.set_defaults(command=commands["names"])
    return made


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return int(text)


def _runs(text: str) -> int:
    if not text.isdecimal() or int(text) < 2:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 2")
    return int(text)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port, which is a whole number from 1 to 65535")
    return int(text)


def _filtering(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--where",
        action="append",
        default=[],
        metavar="k=v",
        help="only these cases, such as region=EMEA, opened=2025-01..2025-06, duration=60.. (days), 'took=Quote Sent > "
        "Contract Signed > 30..', 'times=Quote Revised > 2..', 'did=Discount Approved > Kim'; may be repeated",
    )


def _judging(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rules", metavar="FILE", help="your own rules (YAML; l2c template writes one to change)")


def _watching(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--alerts", metavar="FILE", help="what to watch (YAML; l2c template writes one to change)")


def _registering(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--register",
        metavar="FILE",
        help="the register of decisions and targets (register.yaml in or beside the log, if there is one)",
    )


def _measuring(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--kpis", metavar="FILE", help="key figures of your own (YAML; l2c template writes one to change)"
    )


def _masking(parser: argparse._ActionsContainer) -> None:
    parser.add_argument(
        "--mask",
        type=lambda text: [part.strip() for part in text.split(",") if part.strip()],
        default=[],
        metavar="A,B",
        help="attributes whose values become pseudonyms, such as rep,account,actor",
    )


def _naming(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("whose names may be read")
    group.add_argument("--names", action="store_true", help="show the names of people")
    group.add_argument(
        "--smallest-group",
        type=_positive,
        default=SMALLEST,
        metavar="N",
        help="compare no fewer people, and nobody with fewer cases (%(default)s)",
    )
    _masking(group)


def _reading(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("how to read the source, where its own words do not say it")
    group.add_argument(
        "--map",
        metavar="FILE",
        help='mapping file (YAML), or "case_id=Deal No, time=When", or what stages mean: "Signed=Closed Won, On hold=Open"',
    )
    group.add_argument("--date-format", metavar="FORM", help="dmy, mdy, ymd, or a pattern such as %%d/%%m/%%Y %%H:%%M")
    group.add_argument("--time-zone", metavar="ZONE", help="zone of the business, such as Asia/Tokyo (UTC)")
    group.add_argument("--currency", metavar="CODE", help="currency of the amounts, such as EUR")
    group.add_argument("--extracted", metavar="DATE", help="when the data were taken (the last event)")
    group.add_argument("--history-start", metavar="DATE", help="since when the source keeps history")
    group.add_argument(
        "--fiscal-year-starts", metavar="MONTH", help="month in which the fiscal year begins, such as 4 (1)"
    )
    group = parser.add_argument_group("when the business works")
    group.add_argument("--calendar", metavar="FILE", help="working hours and holidays (YAML; l2c template writes one)")
    group.add_argument(
        "--hours", choices=["calendar", "working"], help="count durations in calendar or in working time"
    )
