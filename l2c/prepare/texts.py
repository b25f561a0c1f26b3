"""Which texts stand in a column, and how is it kept small?"""

from __future__ import annotations

import numpy as np
import polars as pl

from l2c.log.ordering import coded

_PROBES, _PROBE = 16, 300
# Arabic, Persian, Indian, Bengali, Thai and full-width digits.
DIGITS = {chr(start + n): str(n) for start in (0x660, 0x6F0, 0x966, 0x9E6, 0xE50, 0xFF10) for n in range(10)}
"""Digits of other scripts, each with the one that it stands for."""


def distinct(column: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Take apart a column of numbers that stand for texts.

    Returns
    -------
    The texts that are met in it, each once, and for each row the place of its text among them.
    """
    number = column.to_physical()
    # Other texts may belong to the same categories without standing in this column.
    met = np.bincount(number.drop_nulls().to_numpy(), minlength=1) > 0
    place = pl.Series(column.name, np.cumsum(met, dtype=np.uint32) - 1, dtype=pl.UInt32)
    texts = pl.Series(np.flatnonzero(met), dtype=pl.UInt32).cat.to(column.dtype).cast(pl.String)
    return texts, place.gather(number)


def stripped(column: pl.Series) -> pl.Series:
    """Texts without the white space around them; nothing where nothing is left."""
    if isinstance(column.dtype, pl.Categorical):
        texts = every(column)
        return replaced(column, texts, stripped(texts))
    bare = column.str.strip_chars()
    return bare.set(bare == "", None) if (bare == "").any() else bare


def every(column: pl.Series) -> pl.Series:
    """All texts that the numbers of a column may stand for, met in it or not: to find those that are would take longer."""
    many = 0 if (last := column.to_physical().max()) is None else int(last) + 1  # type: ignore[arg-type]
    return pl.int_range(many, dtype=pl.UInt32, eager=True).cat.to(column.dtype).cast(pl.String)


def replaced(column: pl.Series, texts: pl.Series, others: pl.Series) -> pl.Series:
    """A column of numbers that stand for texts (see `every`), with other texts in their places."""
    if others.equals(texts, null_equal=True):
        return column
    return coded(others).gather(column.to_physical()).alias(column.name)


def small(column: pl.Series) -> pl.Series:
    """Texts that repeat as numbers that stand for them, judged by rows from all over the column."""
    step = max(len(column) // _PROBES, _PROBE)
    probes = [column.slice(at, _PROBE) for at in range(0, len(column), step)]
    return coded(column) if probes and repeats(pl.concat(probes)) else column


def repeats(sample: pl.Series) -> bool:
    """Whether texts repeat so often that it is worth while to keep each once."""
    return sample.drop_nulls().n_unique() <= len(sample) / 10


def decoded(frame: pl.DataFrame) -> pl.DataFrame:
    """Text again where numbers of the frame's own stand for it, so that frames can stand one below the other."""
    own = [name for name, kind in frame.schema.items() if isinstance(kind, pl.Categorical) and name != "source"]
    return frame.with_columns(pl.col(own).cast(pl.String))
