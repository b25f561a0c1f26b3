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
from typing import Any

from l2c import engine
from l2c.cli.arguments import parser
from l2c.system import processes
from l2c.system.extras import LIVE, need
from l2c.words.errors import L2CError, UnreadableLog

DONE, UNUSABLE, ALARMING = 0, 1, 3


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


def _named(given: argparse.Namespace) -> dict[str, Any]:
    return {"names": given.names, "mask": given.mask, "smallest": given.smallest_group}


def _options(given: argparse.Namespace) -> dict[str, Any]:
    return {
        "mapping": given.map,
        "date_format": given.date_format,
        "time_zone": given.time_zone,
        "currency": given.currency,
        "extracted": given.extracted,
        "history_start": given.history_start,
        "fiscal_year_starts": given.fiscal_year_starts,
    }


def _unread(given: argparse.Namespace, source: str) -> None:
    """Refuse options of reading where nothing is read."""
    from l2c.prepare import options

    options.refuse_unused(_options(given), source)


def _log(source: Any, given: argparse.Namespace) -> Any:
    import l2c
    from l2c.prepare.salesforce.address import shown

    named = [source] if isinstance(source, str) else source
    print(f"Reading {', '.join(shown(name) for name in named)} …", file=sys.stderr)
    log = l2c.read(source, **_options(given), calendar=given.calendar)
    kpis = getattr(given, "kpis", None)
    return _counted(log.with_kpis(kpis) if kpis else log, given)


def _counted(log: Any, given: argparse.Namespace) -> Any:
    """The log in the hours that were asked for; those in which it was saved unless any were."""
    return log if given.hours is None else log.in_hours(given.hours)


def _worked(log: Any, given: argparse.Namespace) -> Any:
    """A log that was at hand, with the calendar and in the hours that were asked for."""
    return _counted(log if given.calendar is None else log.with_calendar(given.calendar), given)


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
    checked = check(source, **_options(given), calendar=given.calendar)
    named = ", ".join(Path(shown(each)).name or shown(each) for each in given.source)
    seen = show.check(checked, source=named, lang=given.lang)
    if given.html:
        Path(given.html).write_text(page.sheet(named, seen.html, given.lang), "utf-8")
    if given.json:
        text = json.dumps(checked.facts(), ensure_ascii=False, indent=1)
        if given.json == "-":
            print(text)
        else:
            Path(given.json).write_text(text, "utf-8")
    if given.json != "-":
        print(seen.text)
    return DONE if checked.refused is None else UNUSABLE


def _read(given: argparse.Namespace) -> None:
    from l2c.cli import last_run
    from l2c.prepare.pseudonyms import handed

    log = _log(given.source if len(given.source) > 1 else given.source[0], given)
    log = handed(log, mask=given.mask, hide=False) if given.mask else log
    saved = log.save(given.out)
    last_run.note(saved, "read", given, given.source)
    _told(log, saved)
    if given.json:
        facts = log.quality.summary() | log.quality.told() | {"mapping": log.quality.mapping}
        if len(log.quality.objects):
            facts["objects"] = json.loads(log.quality.objects.to_json(orient="records", date_format="iso"))
        Path(given.json).write_text(json.dumps(facts, ensure_ascii=False, indent=1), "utf-8")


def _told(log: Any, saved: Path) -> None:
    print(log.quality)
    if len(log.quality.quarantine):
        print(f"Quarantined rows: {saved / 'quarantine.csv'}")
    print(f"Saved: {saved}")


def _refresh(given: argparse.Namespace) -> int | None:
    from l2c import monitor
    from l2c.cli import last_run
    from l2c.improve.register import register
    from l2c.prepare.pseudonyms import handed, policy
    from l2c.show.since_last import since_last

    kept = last_run.read(given.log)
    known = kept.get("read") or {}
    sources = given.source or [str(each) for each in known.get("source") or ()]
    if not sources:
        raise UnreadableLog.no_last_run(given.log)

    def as_then(command: str, *arguments: str) -> argparse.Namespace:
        return last_run.options(parser(COMMANDS).parse_args([command, *arguments]), kept.get(command) or {})

    how = as_then("read", *sources, "-o", given.log)
    log = _log(sources if len(sources) > 1 else sources[0], how)
    log = handed(log, mask=how.mask, hide=False) if how.mask else log
    last_run.follows(log, given.log, sources)
    saved = log.save(given.log, follows=True)
    last_run.note(saved, "read", how, sources)
    _told(log, saved)
    status = None
    for command in ("report", "watch"):
        if command in kept or (command == "report" and given.out):
            then = as_then(command, given.log)
            words = {"out": given.out, "lang": given.lang} | ({"json": None} if "json" in then else {})
            then = argparse.Namespace(
                **{**vars(then), **{key: value for key, value in words.items() if value and key in then}}
            )
            status = then.command(then) or status
    if "report" not in kept and not given.out:
        # Whoever wants no pages is told in the terminal.
        whole = policy(log)
        noted = register(_beside(given.log) or saved.resolve().parent, whole.base.measures)
        found = monitor.since_last(whole, saved, register=noted)
        print(since_last(found, lang=given.lang or "en", currency=log.currency).text)
        monitor.remember(whole, saved, "refresh")
    return status


def _analyse(given: argparse.Namespace) -> None:
    from l2c.analysis import analysis
    from l2c.log.filters import parse
    from l2c.prepare.pseudonyms import handed

    log = handed(_log(given.source, given).where(**parse(given.where)), **_named(given))
    text = json.dumps(analysis(log), ensure_ascii=False, indent=1)
    if given.json == "-":
        print(text)
    else:
        Path(given.json).write_text(text, "utf-8")


def _simulate(given: argparse.Namespace) -> None:
    from l2c import improve, show
    from l2c.log.filters import parse
    from l2c.prepare.pseudonyms import handed

    log = handed(_log(given.source, given).where(**parse(given.where)), **_named(given))
    found = improve.simulate(log, given.change, runs=given.runs, most=None)
    if given.json is None:
        print(show.simulated(found, lang=given.lang, currency=log.currency).text)
        return
    rows = _records(found, given.lang)
    text = json.dumps({"currency": log.currency, "rows": rows}, ensure_ascii=False, indent=1)
    if given.json == "-":
        print(text)
    else:
        Path(given.json).write_text(text, "utf-8")


def _watch(given: argparse.Namespace) -> int:
    from l2c import monitor, show
    from l2c.cli import last_run
    from l2c.log.filters import parse
    from l2c.monitor import history
    from l2c.monitor.alerts import both
    from l2c.prepare.pseudonyms import policy, unnamed

    log = _log(given.source, given).where(**parse(given.where))
    register = given.register or _beside(given.source)
    found, counts = both(policy(log, names=given.names), given.alerts, rules=given.rules, register=register)
    hide = {"names": given.names, "mask": given.mask}
    if history.keeps(Path(given.source)):
        seen = policy(log, names=given.names, smallest=given.smallest_group)
        monitor.remember(seen, given.source, "watch", rules=given.rules, alerts=found.drop(columns="text"))
        last_run.note(given.source, "watch", given)
    if given.json is None:
        text = show.alerts(found, lang=given.lang, currency=log.currency, rows=given.rows).text
        print("\n".join(unnamed(text.splitlines(), log, **hide)))
        return ALARMING if len(found) else DONE
    rows = _records(found, given.lang)
    # A condition may name somebody.
    texts = list(dict.fromkeys(row["text"] for row in rows))
    told = dict(zip(texts, unnamed(texts, log, **hide), strict=True))
    rows = [row | {"text": told[row["text"]]} for row in rows]
    facts = {"extracted": log.extracted.isoformat(), "currency": log.currency, "alarming": len(found)}
    text = json.dumps(facts | {"alerts": _records(counts, given.lang), "rows": rows}, ensure_ascii=False, indent=1)
    if given.json == "-":
        print(text)
    else:
        Path(given.json).write_text(text, "utf-8")
    return ALARMING if len(found) else DONE


def _beside(source: str) -> Path | None:
    """The register that lies beside a log, if one does."""
    from l2c.improve.entries import NAME

    places = (Path(source) / NAME, Path(source).parent / NAME)
    return next((place for place in places if place.is_file()), None)


def _records(table: Any, lang: str) -> Any:
    """The rows of a table for JSON, remarks as sentences."""
    from l2c.words.notes import Note

    told = {
        name: [each.said(lang) if isinstance(each, Note) else None for each in table[name]]
        for name in ("text", "note", "assumed")
        if name in table
    }
    return json.loads(table.assign(**told).to_json(orient="records", date_format="iso"))


def _report(given: argparse.Namespace) -> None:
    # Before anything is read, so that nobody waits in vain.
    need("notebook", "tqdm")
    from tqdm import tqdm

    from l2c import report
    from l2c.cli import last_run
    from l2c.log.filters import parse
    from l2c.monitor import history

    log = _log(given.source, given)
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
            **_named(given),
        }
        saved = given.source if history.keeps(Path(given.source)) else None
        register = given.register or _beside(given.source)
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
                _unread(given, options.DEMO)
            log = _log(given.log, given) if given.log else _worked(at_hand(saved, out), given)
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
            _unread(given, options.SAVED)
        words = {
            "lang": given.lang,
            "instance_url": given.instance_url,
            "browser": not given.no_browser,
            "fresh": fresh,
        }
        words |= {
            "names": given.names,
            "smallest": given.smallest_group,
            "visitors": given.visitors,
            "rules": given.rules,
            "register": given.register or (_beside(given.log) if given.log and not is_address(given.log) else None),
            "alerts": given.alerts,
        }
        serving.serve(saved, port=given.port, host=given.host, **words)


def _lab(given: argparse.Namespace) -> None:
    from l2c.demo import log as company
    from l2c.lab import settle
    from l2c.prepare import options

    need("notebook", "jupyterlab", *LIVE)
    if not given.log:
        _unread(given, options.DEMO)
    log = _log(given.log, given) if given.log else None
    if log is None and (given.calendar or given.hours):
        log = _worked(company(), given)
    name = f"lab-{_stem(given.log) if given.log else 'demo'}{'-ja' if given.lang == 'ja' else ''}"
    place = settle(log, given.out or name, given.lang)
    print(f"The notebooks: {place}", file=sys.stderr)
    processes.serve("jupyterlab", str(place.resolve()))


def _names(given: argparse.Namespace) -> None:
    from l2c.prepare.pseudonyms import key

    table = key(_log(given.log, given))
    for pseudonym, name in zip(table["pseudonym"], table["name"], strict=True):
        print(f"{pseudonym}\t{name}")


COMMANDS: dict[str, Callable[[argparse.Namespace], int | None]] = {
    "template": _template,
    "demo": _demo,
    "check": _check,
    "read": _read,
    "analyse": _analyse,
    "simulate": _simulate,
    "watch": _watch,
    "refresh": _refresh,
    "report": _report,
    "dashboard": _dashboard,
    "lab": _lab,
    "names": _names,
}
