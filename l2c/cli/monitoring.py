"""What is alarming in a log, and what is new in it since last time."""

from __future__ import annotations

import argparse
from pathlib import Path

from l2c.cli import logs
from l2c.cli.logs import ALARMING, DONE
from l2c.words.errors import UnreadableLog


def watch(given: argparse.Namespace) -> int:
    """Tell what is alarming; the exit status says whether anything is."""
    from l2c import monitor, show
    from l2c.cli import last_run
    from l2c.improve.entries import beside
    from l2c.log.filters import parse
    from l2c.monitor import history
    from l2c.monitor.alerts import both
    from l2c.prepare.pseudonyms import policy, unnamed

    log = logs.log(given.source, given).where(**parse(given.where))
    register = given.register or beside(given.source)
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
    rows = logs.records(found, given.lang)
    # A condition may name somebody.
    texts = list(dict.fromkeys(row["text"] for row in rows))
    told = dict(zip(texts, unnamed(texts, log, **hide), strict=True))
    rows = [row | {"text": told[row["text"]]} for row in rows]
    facts = {"extracted": log.extracted.isoformat(), "currency": log.currency, "alarming": len(found)}
    logs.write(facts | {"alerts": logs.records(counts, given.lang), "rows": rows}, given.json)
    return ALARMING if len(found) else DONE


def refresh(given: argparse.Namespace, commands: argparse.ArgumentParser) -> int | None:
    """Read what is new into a log, then report and watch with the options of the last runs; `commands` understands these."""
    from l2c import monitor
    from l2c.cli import last_run
    from l2c.improve.entries import beside
    from l2c.improve.register import register
    from l2c.prepare.pseudonyms import handed, policy
    from l2c.show.since_last import since_last

    kept = last_run.read(given.log)
    known = kept.get("read") or {}
    sources = given.source or [str(each) for each in known.get("source") or ()]
    if not sources:
        raise UnreadableLog.no_last_run(given.log)

    def as_then(command: str, *arguments: str) -> argparse.Namespace:
        return last_run.options(commands.parse_args([command, *arguments]), kept.get(command) or {})

    how = as_then("read", *sources, "-o", given.log)
    log = logs.log(sources if len(sources) > 1 else sources[0], how)
    log = handed(log, mask=how.mask, hide=False) if how.mask else log
    last_run.follows(log, given.log, sources)
    saved = log.save(given.log, follows=True)
    last_run.note(saved, "read", how, sources)
    logs.told(log, saved)
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
        noted = register(beside(given.log) or saved.resolve().parent, whole.base.measures)
        found = monitor.since_last(whole, saved, register=noted)
        print(since_last(found, lang=given.lang or "en", currency=log.currency).text)
        monitor.remember(whole, saved, "refresh")
    return status
