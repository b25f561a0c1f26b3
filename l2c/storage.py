"""A log on disk: whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from l2c import engine
from l2c.base import FEW, Base
from l2c.errors import UnreadableLog
from l2c.origin import Origin
from l2c.quality import Quality

if TYPE_CHECKING:
    import narwhals as nw

# What each frame is sorted by, so that equal values stand together and pack well.
ORDER = {"cases": ["case_key"], "events": ["case_key", "position"], "variants": ["variant_id"]}
# Frames that only logs of records have.
RECORDS = {"objects": ["object_type", "object_id", "case_id"], "links": ["from_type", "from_id", "lookup", "to_id"]}
SCHEMA = 1


def save(
    folder: str | Path, frames: Mapping[str, nw.LazyFrame[Any]], facts: Mapping[str, Any], quality: Quality
) -> Path:
    """Write the frames and facts of a log; see `EventLog.save`.

    Everything is written beside the folder and moved into place at the end, so that a folder of that name is always a
    whole log: the one that stood there before, or the new one.
    """
    target = Path(folder)
    if above := next((part for part in (target, *target.parents) if part.is_file()), None):
        raise UnreadableLog.a_file(target, above)
    if target.exists() and any(target.iterdir()) and not (target / "log.json").exists():
        raise UnreadableLog.occupied(target)
    beside = target.with_name(f".{target.name}.{os.getpid()}.part")
    shutil.rmtree(beside, ignore_errors=True)
    try:
        with engine.trouble(target.parent):
            beside.mkdir(parents=True)
            for name, order in (ORDER | RECORDS).items():
                if name in frames:
                    engine.write(frames[name], beside / f"{name}.parquet", order)
            quality.save(beside)
            text = json.dumps({"schema": SCHEMA, **facts}, ensure_ascii=False, indent=1)
            (beside / "log.json").write_text(text, "utf-8")
            _swap(beside, target)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return target


def opened(folder: str | Path, home: Any = None) -> Base:
    """Open what `save` wrote; see `l2c.log.open_log`."""
    source = _standing(Path(folder))
    missing = [name for name in [*(f"{f}.parquet" for f in ORDER), "log.json"] if not (source / name).exists()]
    if missing:
        raise UnreadableLog.incomplete(source, missing)
    facts = json.loads((source / "log.json").read_text("utf-8"))
    home = engine.database() if home is None else home
    cases, variants = (engine.scan(source / f"{name}.parquet", home) for name in ("cases", "variants"))
    events = engine.scan(source / "events.parquet", home, FEW)
    records = [engine.scan(file, home) if (file := source / f"{n}.parquet").exists() else None for n in RECORDS]
    since = facts["history_start"]
    return Base(
        home,
        cases,
        events,
        variants,
        extracted=datetime.fromisoformat(facts["extracted"]),
        history_start=datetime.fromisoformat(since) if since else None,
        currency=facts["currency"],
        quality=Quality.open(source),
        objects=records[0],
        links=records[1],
        origin=Origin.of_facts(facts),
    )


def _swap(new: Path, target: Path) -> None:
    """Put a finished folder in its place; whatever stood there goes only when the new one stands."""
    old = target.with_name(f".{target.name}.{os.getpid()}.old")
    if target.exists():
        target.rename(old)
    new.rename(target)
    for each in _set_aside(target):
        shutil.rmtree(each, ignore_errors=True)


def _set_aside(target: Path) -> list[Path]:
    return sorted(target.parent.glob(f".{target.name}.*.old"), key=lambda path: path.stat().st_mtime)


def _standing(target: Path) -> Path:
    """The folder, or what a save had just set aside when it was killed."""
    aside = [] if target.exists() else _set_aside(target)
    return aside[-1] if aside else target
