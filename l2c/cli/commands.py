"""The command line: arguments in, exit status out."""

from __future__ import annotations

import argparse
import contextlib
import json
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from l2c import engine
from l2c.cli import asking, logs, monitoring
from l2c.cli.arguments import parser
from l2c.cli.logs import DONE, UNUSABLE
from l2c.system import processes
from l2c.system.extras import LIVE, need
from l2c.words.errors import L2CError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns
    -------
    0 when done; 1 when the input was read but is unusable; 3 when something that is watched is alarming. Wrong usage ends the
    process with 2.
    """
    # A console that cannot write Japanese should not stop the work.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    processes.forget_current_folder()
    if arguments is None and any(":" in each for each in sys.argv):
        from l2c.prepare.salesforce.address import forget

        forget(sys.argv)
    given = parser(COMMANDS).parse_args(arguments)
    try:
        with _stoppable(), engine.trouble():
            return given.command(given) or DONE
    except L2CError as error:
        print(error.said(getattr(given, "lang", None) or "en"), file=sys.stderr)
        return UNUSABLE
    except OSError as error:
        from l2c.prepare.salesforce.address import shown

        print(f"{error.strerror or error}: {shown(str(error.filename or ''))}".rstrip(": "), file=sys.stderr)
        return UNUSABLE
    except KeyboardInterrupt as stopped:
        print("Stopped.", file=sys.stderr)
        return 128 + int(stopped.args[0] if stopped.args else signal.SIGINT)


@contextlib.contextmanager
def _stoppable() -> Iterator[None]:
    """Let a signal that ends this process end its work first, as Ctrl+C does."""

    def stop(number: int, frame: object) -> None:
        raise KeyboardInterrupt(number)

    names = [name for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    # Who has asked not to be ended by it (nohup) is not, and only the main thread gets signals.
    numbers = [n for n in (getattr(signal, name) for name in names) if signal.getsignal(n) == signal.SIG_DFL]
    if threading.current_thread() is not threading.main_thread():
        numbers = []
    for number in numbers:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)


def _template(given: argparse.Namespace) -> None:
    from l2c.prepare.template import templates
    from l2c.system.places import TEMPLATES

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


def _check(given: argparse.Namespace) -> int:
    from l2c import show
    from l2c.check import check
    from l2c.prepare.salesforce.address import shown
    from l2c.show import page

    source = given.source if len(given.source) > 1 else given.source[0]
    checked = check(source, **logs.options(given), calendar=given.calendar)
    named = ", ".join(Path(shown(each)).name or shown(each) for each in given.source)
    seen = show.check(checked, source=named, lang=given.lang)
    if given.html:
        Path(given.html).write_text(page.sheet(named, seen.html, given.lang), "utf-8")
    if given.json:
        logs.write(checked.facts(), given.json)
    if given.json != "-":
        print(seen.text)
    return DONE if checked.refused is None else UNUSABLE


def _read(given: argparse.Namespace) -> None:
    from l2c.cli import last_run
    from l2c.prepare.pseudonyms import handed

    log = logs.log(given.source if len(given.source) > 1 else given.source[0], given)
    log = handed(log, mask=given.mask, hide=False) if given.mask else log
    saved = log.save(given.out)
    last_run.note(saved, "read", given, given.source)
    logs.told(log, saved)
    if given.json:
        facts = log.quality.summary() | log.quality.told() | {"mapping": log.quality.mapping}
        if len(log.quality.objects):
            facts["objects"] = json.loads(log.quality.objects.to_json(orient="records", date_format="iso"))
        logs.write(facts, given.json)


def _analyse(given: argparse.Namespace) -> None:
    from l2c.analysis import analysis
    from l2c.log.filters import parse
    from l2c.prepare.pseudonyms import handed

    log = handed(logs.log(given.source, given).where(**parse(given.where)), **logs.named(given))
    logs.write(analysis(log), given.json)


def _simulate(given: argparse.Namespace) -> None:
    from l2c import improve, show
    from l2c.log.filters import parse
    from l2c.prepare.pseudonyms import handed

    log = handed(logs.log(given.source, given).where(**parse(given.where)), **logs.named(given))
    found = improve.simulate(log, given.change, runs=given.runs, most=None)
    if given.json is None:
        print(show.simulated(found, lang=given.lang, currency=log.currency).text)
        return
    rows = logs.records(found, given.lang)
    logs.write({"currency": log.currency, "rows": rows}, given.json)


def _report(given: argparse.Namespace) -> None:
    # Before anything is read, so that nobody waits in vain.
    need("notebook", "tqdm")
    from tqdm import tqdm

    from l2c import report
    from l2c.cli import last_run
    from l2c.improve.entries import beside
    from l2c.log.filters import parse
    from l2c.monitor import history

    log = logs.log(given.source, given)
    out = given.out or f"report-{_stem(given.source)}"
    with tqdm(unit="page", file=sys.stderr, desc="Report") as bar:

        def written(name: str, of: int) -> None:
            bar.total = of
            bar.update()

        common = {
            "where": parse(given.where),
            "lang": given.lang,
            "written": written,
            "change": given.change,
            "rules": given.rules,
            "alerts": given.alerts,
            "client": given.client,
            **logs.named(given),
        }
        saved = given.source if history.keeps(Path(given.source)) else None
        register = given.register or beside(given.source)
        if given.by:
            index = report.reports(log, out, given.by, **common)
        else:
            index = report.report(log, out, saved=saved, register=register, **common)
    if saved is not None:
        last_run.note(saved, "report", argparse.Namespace(**{**vars(given), "out": str(out)}))
    print(index)


def _stem(source: str) -> str:
    """What a source is called, as the name of a folder: without endings, schemes and secrets."""
    name = (
        re.split(r"[:?#]", source)[0]
        if "://" in source or source.startswith("salesforce:")
        else Path(source).resolve().name
    )
    return re.sub(r"[^\w-]+", "-", name.split(".")[0]).strip("-") or "log"


def _dashboard(given: argparse.Namespace) -> None:
    import tempfile

    from l2c.dashboard import serving
    from l2c.diagnose.rules import files
    from l2c.improve.entries import beside
    from l2c.lab import at_hand
    from l2c.log import storage
    from l2c.monitor import alert_file
    from l2c.prepare import options
    from l2c.prepare.pseudonyms import handed
    from l2c.prepare.salesforce.address import is_address

    need("notebook", "voila", *LIVE)
    # Before anything is read, as a file of rules that makes no sense would empty a page.
    files.rules(given.rules)
    with tempfile.TemporaryDirectory(prefix="l2c-") as spare:
        out = Path(spare) / "out"
        saved = Path(given.log or out / "log")
        fresh = bool(given.log) and (is_address(given.log) or not storage.is_log(saved))
        added = given.calendar or given.hours or given.kpis
        if is_address(given.log) or given.mask or added or not storage.is_log(saved):
            if not given.log:
                logs.unread(given, options.DEMO)
            log = logs.log(given.log, given) if given.log else logs.worked(at_hand(saved, out), given)
            log = log.with_kpis(given.kpis) if given.kpis and not given.log else log
            saved = (handed(log, mask=given.mask, hide=False) if given.mask else log).save(Path(spare) / "log")
            if given.mask and given.rules:
                text = files.handed(given.rules, log, mask=given.mask, hide=False)
                given.rules = Path(spare) / "rules.yaml"
                given.rules.write_text(text, "utf-8")
            if given.mask and given.alerts:
                text = alert_file.handed(given.alerts, log, mask=given.mask, hide=False)
                given.alerts = Path(spare) / "alerts.yaml"
                given.alerts.write_text(text, "utf-8")
        else:
            logs.unread(given, options.SAVED)
        words = {
            "lang": given.lang,
            "instance_url": given.instance_url,
            "browser": not given.no_browser,
            "fresh": fresh,
            "client": given.client,
        }
        words |= {
            "names": given.names,
            "smallest": given.smallest_group,
            "visitors": given.visitors,
            "rules": given.rules,
            "register": given.register or (beside(given.log) if given.log and not is_address(given.log) else None),
            "alerts": given.alerts,
        }
        serving.serve(saved, port=given.port, host=given.host, **words)


def _lab(given: argparse.Namespace) -> None:
    from l2c.demo import log as company
    from l2c.lab import settle
    from l2c.prepare import options

    need("notebook", "jupyterlab", *LIVE)
    if not given.log:
        logs.unread(given, options.DEMO)
    log = logs.log(given.log, given) if given.log else None
    if log is None and (given.calendar or given.hours):
        log = logs.worked(company(), given)
    name = f"lab-{_stem(given.log) if given.log else 'demo'}{'-ja' if given.lang == 'ja' else ''}"
    place = settle(log, given.out or name, given.lang)
    print(f"The notebooks: {place}", file=sys.stderr)
    processes.serve("jupyterlab", str(place.resolve()))


def _names(given: argparse.Namespace) -> None:
    from l2c.prepare.pseudonyms import key

    table = key(logs.log(given.log, given))
    for pseudonym, name in zip(table["pseudonym"], table["name"], strict=True):
        print(f"{pseudonym}\t{name}")


COMMANDS: dict[str, Callable[[argparse.Namespace], int | None]] = {
    "template": _template,
    "demo": _demo,
    "check": _check,
    "read": _read,
    "analyse": _analyse,
    "simulate": _simulate,
    "watch": monitoring.watch,
    "tasks": asking.tasks,
    "refresh": lambda given: monitoring.refresh(given, parser(COMMANDS)),
    "report": _report,
    "dashboard": _dashboard,
    "lab": _lab,
    "names": _names,
}
