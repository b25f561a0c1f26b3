"""What do the cells of a table mean, without how they were written?"""

from __future__ import annotations

import polars as pl

from l2c.prepare import empties, markup
from l2c.prepare import table as tables
from l2c.prepare.table import Table


def meant(table: Table) -> Table:
    """Give a table the texts that its cells show, and none where they only say that nothing is there."""
    return empties.emptied(markup.plain(table))


def typed(name: str, frame: pl.DataFrame) -> Table:
    """Make a table of rows that have types already; texts lose the white space around them."""
    return meant(tables.typed(name, frame))
