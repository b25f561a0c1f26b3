"""With which options was a log read, reported and watched last? They lie beside it, in a file that people can read."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from l2c import engine
from l2c.log import EventLog, open_log
from l2c.log.storage import LAST_RUN
from l2c.monitor.history import keeps
from l2c.prepare.salesforce.address import OPEN, is_address, shown
from l2c.words.errors import UnreadableLog

ORG = "salesforce:"
# A later state of a log holds this part of its cases at least; an export of the last year drops some each month.
STILL_THERE = 0.5
# What names files, which are looked for from wherever the next run begins.
FILES = ("map", "calendar", "kpis", "rules", "alerts", "out", "register")
# What another command knows, or the log itself says.
NOT_KEPT = {"command", "source", "json"}


def note(log: str | Path, command: str, given: argparse.Namespace, source: Iterable[str] = ()) -> None:
    """Write beside a saved log with which options a command was run; nothing where nothing is kept beside it.

    Addresses are kept without their password, which comes from the environment or the keyring then.
    """
    place = Path(log)
    if not keeps(place):
        return
    said = {
        key: _absolute(key, value)
        for key, value in vars(given).items()
        if key not in NOT_KEPT and value not in (None, False, [])
    }
    if command == "read":
        said.pop("out")
        said = {"source": [_source(each) for each in source]} | said
    facts = read(place, missing={}) | {command: said}
    text = "# The options of the last runs, for `l2c refresh`; no passwords. Whatever is changed here is taken next time.\n"
    text += yaml.safe_dump({"version": 1} | facts, allow_unicode=True, sort_keys=False)
    beside = place / f".{LAST_RUN}.{os.getpid()}"
    beside.write_text(text, "utf-8")
    os.replace(beside, place / LAST_RUN)


def read(log: str | Path, missing: dict[str, Any] | None = None) -> dict[str, Any]:
    """The options of the last runs, by command.

    Raises
    ------
    UnreadableLog
        If there are none, or they make no sense.
    """
    file = Path(log) / LAST_RUN
    if not file.exists() and missing is not None:
        return missing
    try:
        found = yaml.safe_load(file.read_text("utf-8-sig"))
        return {str(name): dict(options) for name, options in found.items() if name != "version"}
    except FileNotFoundError:
        raise UnreadableLog.no_last_run(log) from None
    except (OSError, ValueError, TypeError, AttributeError, yaml.YAMLError):
        raise UnreadableLog.bad_last_run(file) from None


def follows(log: EventLog, folder: str | Path, sources: Iterable[str]) -> None:
    """Refuse what is no later state of the log that lies in a folder: most of its cases must still be there.

    Raises
    ------
    UnreadableLog
        If fewer than half are.
    """
    before, now = (set(engine.collect(each.cases.select("case_id"))["case_id"]) for each in (open_log(folder), log))
    share = len(before & now) / len(before) if before else 1.0
    if share < STILL_THERE:
        named = ", ".join(shown(each) for each in sources)
        raise UnreadableLog.no_later_state(named, folder, f"{share:.0%}")


def options(given: argparse.Namespace, kept: Mapping[str, Any]) -> argparse.Namespace:
    """What a command was given, with what was kept in its place; words that mean nothing to it are passed over."""
    return argparse.Namespace(**{**vars(given), **{key: value for key, value in kept.items() if key in vars(given)}})


def _absolute(key: str, value: Any) -> Any:
    """A value as it can be used from elsewhere: what names a file that is there, by its whole path."""
    if key in FILES and isinstance(value, str) and (key == "out" or Path(value).exists()):
        return os.path.abspath(value)
    return value


def _source(said: str) -> str:
    """A source as it may be written down."""
    if said.startswith(ORG):
        from l2c.prepare.salesforce.read import records

        return f"{ORG}{os.path.abspath(records(said))}"
    if is_address(said):
        return without_secret(said)
    return os.path.abspath(said) if Path(said).exists() else said


def without_secret(address: str) -> str:
    """An address without its password, and without what in its query may be a key."""
    scheme, _, rest = address.strip().partition("://")
    who, at, place = rest.rpartition("@")
    user = who.partition(":")[0]
    place, sign, schema = place.partition("#")
    path, _, query = place.partition("?")
    open_ = "&".join(part for part in query.split("&") if part.partition("=")[0] in OPEN)
    name = f"{user}{at}" if re.fullmatch(r"[\w.-]+", user) else ""
    return f"{scheme}://{name}{path}{'?' if open_ else ''}{open_}{sign}{schema}"
