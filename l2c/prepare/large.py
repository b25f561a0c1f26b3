"""Which sources stay where they are: on Spark, or in files larger than memory?"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from l2c import engine
from l2c.engine import Home
from l2c.log import beside
from l2c.prepare import folders, sources

# Parquet files with more cells than this, which would take some 4 GB here, stay on disk and are ordered there.
LARGE = 100_000_000


def elsewhere(source: Any, path: str | Sequence[str] | None) -> tuple[Any, Home, str] | None:
    """A source that stays where it is, with its engine and name: on Spark, or in files larger than memory."""
    if path is not None:
        paths = [path] if isinstance(path, str) else list(path)
        return engine.parquet(paths, source), source, ", ".join(paths)
    if isinstance(source, (str, Path)):
        files = _parquet_files(Path(source))
        if sum(_cells(file) for file in files) <= LARGE:
            return None
        with ExitStack() as held:
            db = engine.database(held.enter_context(beside.scratch()))
            weakref.finalize(db, held.pop_all().close)
        return engine.parquet([str(file) for file in files], db), db, Path(source).name
    if not type(source).__module__.startswith("pyspark."):
        return None
    frame = engine.adopted(source)
    return frame, engine.home(frame), "the data frame"


def _parquet_files(path: Path) -> list[Path]:
    files = [file for _, file in folders.walked(path).data] if sources.is_folder(path) else [path]
    # A pipe may be read only once, so it is not looked into here.
    return files if all(file.suffix.lower() == ".parquet" and file.is_file() for file in files) else []


def _cells(file: Path) -> int:
    """Number of cells of a Parquet file, which tells its size in memory; 0 where it cannot be told."""
    import pyarrow.parquet

    try:
        facts = pyarrow.parquet.read_metadata(file)
    except (pyarrow.ArrowException, OSError, ValueError):
        return 0
    return int(facts.num_rows * facts.num_columns)
