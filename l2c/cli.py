"""The command line: arguments in, exit status out."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from l2c.errors import L2CError
from l2c.extras import LIVE, need

DONE, UNUSABLE, WRONG_USAGE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns
    -------
    0 when done; 1 when the input was read but is unusable. Wrong usage ends the process with 2.
    """
    # A console that cannot write Japanese should not stop the work.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    given = _parser().parse_args(arguments)
    try:
        given.command(given)
    except L2CError as error:
        print(error, file=sys.stderr)
        return UNUSABLE
    except OSError as error:
        print(f"{error.strerror or error}: {error.filename or ''}".rstrip(": "), file=sys.stderr)
        return UNUSABLE
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130
    return DONE


def _parser() -> argparse.ArgumentParser:
    from l2c import __version__

    parser = argparse.ArgumentParser(
        prog="l2c",
        description="Process mining of the lead-to-cash process: from a Salesforce export to a six-step plan.",
    )
    parser.add_argument("--version", action="version", version=f"l2c {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    template = commands.add_parser(
        "template", help="write the Excel and CSV templates, the rules and the mapping of objects"
    )
    template.add_argument("-o", "--out", default="template", metavar="DIR", help="folder to write to (%(default)s)")
    template.add_argument("--lang", choices=["en", "ja"], help="one language only")
    template.set_defaults(command=_template)

    demo = commands.add_parser("demo", help="write the demo log and its truth")
    demo.add_argument("-o", "--out", default="demo", metavar="DIR", help="folder to write to (%(default)s)")
    demo.add_argument("--cases", type=_positive, default=5000, metavar="N", help="number of cases (%(default)s)")
    demo.add_argument("--seed", type=int, default=7, metavar="S", help="another seed, another company (%(default)s)")
    demo.set_defaults(command=_demo)

    read = commands.add_parser("read", help="read files into a saved log, with the quality report")
    read.add_argument(
        "source",
        nargs="+",
        metavar="SOURCE",
        help="files, a folder or zip of files, salesforce: for the org itself, or the address of a warehouse",
    )
    read.add_argument("-o", "--out", required=True, metavar="LOG", help="folder of the saved log")
    read.add_argument("--json", metavar="FILE", help="write the quality report as JSON")
    _reading(read)
    read.set_defaults(command=_read)

    analyse = commands.add_parser("analyse", help="every metric, as JSON")
    analyse.add_argument("source", metavar="LOG|SOURCE", help="a saved log, a file or a folder")
    analyse.add_argument("--json", required=True, metavar="FILE", help="where to write; - for standard output")
    _filtering(analyse)
    _reading(analyse)
    analyse.set_defaults(command=_analyse)

    report = commands.add_parser("report", help="the notebooks as pages that load nothing from elsewhere")
    report.add_argument("source", metavar="LOG|SOURCE", help="a saved log, a file or a folder")
    report.add_argument("-o", "--out", default="report", metavar="DIR", help="folder to write to (%(default)s)")
    report.add_argument("--by", metavar="ATTRIBUTE", help="one report per value, and an index")
    report.add_argument("--lang", choices=["en", "ja"], default="en", help="language of the report (%(default)s)")
    _filtering(report)
    _reading(report)
    report.set_defaults(command=_report)

    dashboard = commands.add_parser("dashboard", help="the dashboard, in the browser")
    dashboard.add_argument(
        "log", nargs="?", metavar="LOG", help="a saved log, a file or a folder; the demo unless given"
    )
    dashboard.add_argument("--port", type=_positive, default=8866, metavar="N", help="where to listen (%(default)s)")
    dashboard.add_argument(
        "--host", default="127.0.0.1", metavar="IP", help="let others in, with a token: 0.0.0.0 (%(default)s)"
    )
    dashboard.add_argument("--lang", choices=["en", "ja"], default="en", help="language of the pages (%(default)s)")
    dashboard.add_argument("--instance-url", metavar="URL", help="the Salesforce org, for links to its records")
    dashboard.add_argument("--no-browser", action="store_true", help="do not open a browser")
    _reading(dashboard)
    dashboard.set_defaults(command=_dashboard)

    lab = commands.add_parser("lab", help="JupyterLab on the notebooks")
    lab.add_argument("log", nargs="?", metavar="LOG", help="a saved log, a file or a folder; the demo unless given")
    _reading(lab)
    lab.set_defaults(command=_lab)
    return parser


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return int(text)


def _filtering(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--where",
        action="append",
        default=[],
        metavar="k=v",
        help="only these cases, such as region=EMEA or opened=2025-01..2025-06; may be repeated",
    )


def _reading(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("how to read the source, where its own words do not say it")
    group.add_argument("--map", metavar="FILE", help='mapping file (YAML), or "case_id=Deal No, time=When"')
    group.add_argument("--date-format", metavar="FORM", help="dmy, mdy, or a pattern such as %%d/%%m/%%Y %%H:%%M")
    group.add_argument("--time-zone", metavar="ZONE", help="zone of times without one, such as Asia/Tokyo (UTC)")
    group.add_argument("--currency", metavar="CODE", help="currency of the amounts, such as EUR")
    group.add_argument("--extracted", metavar="DATE", help="when the data were taken (the last event)")
    group.add_argument("--history-start", metavar="DATE", help="since when the source keeps history")


def _options(given: argparse.Namespace) -> dict[str, Any]:
    return {
        "mapping": given.map,
        "date_format": given.date_format,
        "time_zone": given.time_zone,
        "currency": given.currency,
        "extracted": given.extracted,
        "history_start": given.history_start,
    }


def _log(source: Any, given: argparse.Namespace) -> Any:
    import l2c
    from l2c.prepare.salesforce.warehouse import shown

    named = [source] if isinstance(source, str) else source
    print(f"Reading {', '.join(shown(name) for name in named)} …", file=sys.stderr)
    return l2c.read(source, **_options(given))


def _template(given: argparse.Namespace) -> None:
    from l2c.places import TEMPLATES
    from l2c.prepare.template import templates

    written = templates(Path(given.out), given.lang)
    # The rules and the mapping of objects, to be copied and changed; they are the same in every language.
    for source in sorted(TEMPLATES.glob("*.yaml")):
        written.append(Path(given.out) / source.name)
        written[-1].write_bytes(source.read_bytes())
    for path in written:
        print(path)


def _demo(given: argparse.Namespace) -> None:
    from l2c.demo import write

    for path in write(Path(given.out), given.cases, given.seed):
        print(path)


def _read(given: argparse.Namespace) -> None:
    log = _log(given.source if len(given.source) > 1 else given.source[0], given)
    saved = log.save(given.out)
    print(log.quality)
    if len(log.quality.quarantine):
        print(f"Quarantined rows: {saved / 'quarantine.csv'}")
    print(f"Saved: {saved}")
    if given.json:
        facts = log.quality.summary() | {"notes": log.quality.notes, "mapping": log.quality.mapping}
        facts["findings"] = (
            log.quality.findings.astype(object).where(log.quality.findings.notna(), None).to_dict("records")
        )
        if len(log.quality.objects):
            facts["objects"] = json.loads(log.quality.objects.to_json(orient="records", date_format="iso"))
        Path(given.json).write_text(json.dumps(facts, ensure_ascii=False, indent=1), "utf-8")


def _analyse(given: argparse.Namespace) -> None:
    from l2c.analysis import analysis
    from l2c.filters import parse

    log = _log(given.source, given).where(**parse(given.where))
    text = json.dumps(analysis(log), ensure_ascii=False, indent=1)
    if given.json == "-":
        print(text)
    else:
        Path(given.json).write_text(text, "utf-8")


def _report(given: argparse.Namespace) -> None:
    # Before anything is read, so that nobody waits in vain.
    need("notebook", "tqdm")
    from tqdm import tqdm

    from l2c import report
    from l2c.filters import parse

    log = _log(given.source, given)
    values = log.where(**parse(given.where)).distinct(given.by) if given.by else [None]
    with tqdm(total=len(report.SERIES) * len(values), unit="page", file=sys.stderr, desc="Report") as bar:
        common = {"where": parse(given.where), "lang": given.lang, "written": lambda name: bar.update()}
        if given.by:
            index = report.reports(log, given.out, given.by, **common)
        else:
            index = report.report(log, given.out, **common)
    print(index)


def _dashboard(given: argparse.Namespace) -> None:
    import tempfile

    from l2c import serving
    from l2c.demo.practice import at_hand

    need("notebook", "voila", *LIVE)
    # Nothing is written beside the notebooks, which may lie where the user must not write.
    with tempfile.TemporaryDirectory() as spare:
        saved = Path(given.log or spare)
        if not (saved / "log.json").exists():
            log = _log(given.log, given) if given.log else at_hand(Path(spare) / "demo_log.csv", spare)
            saved = log.save(Path(spare) / "log")
        words = {"lang": given.lang, "instance_url": given.instance_url, "browser": not given.no_browser}
        serving.serve(saved, port=given.port, host=given.host, **words)


def _lab(given: argparse.Namespace) -> None:
    from l2c.places import NOTEBOOKS

    need("notebook", "jupyterlab", *LIVE)
    if given.log:
        _log(given.log, given).save(NOTEBOOKS / "out" / "log")
    subprocess.run([sys.executable, "-m", "jupyterlab", str(NOTEBOOKS)], check=False, env=os.environ.copy())


if __name__ == "__main__":
    sys.exit(main())
