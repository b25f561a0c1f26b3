"""What is asked for the deals that are flagged, as a file; and what became of it."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

from l2c.cli import logs
from l2c.words.errors import BadOption


def tasks(given: argparse.Namespace) -> None:
    """Write a file of tasks, or say what became of those that were asked for before."""
    from l2c import show
    from l2c.log.filters import parse
    from l2c.monitor import tasks as found_tasks
    from l2c.monitor import tasks_judged
    from l2c.monitor.history import keeps
    from l2c.monitor.pipeline import task_record
    from l2c.monitor.pipeline.tasks import for_loader, owner_ids
    from l2c.prepare.pseudonyms import policy
    from l2c.show.tables import sentence
    from l2c.words import phrases

    if not keeps(Path(given.source)):
        raise BadOption.tasks_of(given.source)
    log = policy(logs.log(given.source, given), names=given.names).where(**parse(given.where))
    if given.came:
        print(show.tasks_came(tasks_judged(log, given.source, given.alerts), lang=given.lang).text)
        return
    update = dict(_pair(each) for each in given.update) if given.update else None
    table = found_tasks(
        log,
        given.source,
        given.alerts,
        rules=given.rules,
        most=given.most,
        due=None if given.due is None else _day(given.due),
        owners=None if given.owners is None else owner_ids(given.owners),
        at_risk=given.at_risk,
        update=update is not None,
        names=given.names,
        lang=given.lang,
    )
    asked = int(table["kind"].isin((task_record.TASK, task_record.UPDATE)).sum())
    if asked:
        Path(given.out).write_text(for_loader(table, update=update, lang=given.lang), "utf-8", newline="\n")
    task_record.keep(given.source, table, log)
    said = "nothing" if not asked else "written" if update is None else "updates"
    print(phrases.say(f"tasks.{said}", given.lang, **({"n": str(asked), "file": given.out} if asked else {})))
    if "note" in table.attrs:
        print(sentence(table.attrs["note"], given.lang))


def _pair(text: str) -> tuple[str, str]:
    field, sign, value = text.partition("=")
    if not sign:
        raise BadOption.update(text)
    return field.strip(), value.strip()


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadOption.moment("due", text) from None
