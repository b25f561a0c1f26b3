"""How do groups differ without anything being wrong? Values by group, each of which can be made like the others."""

from __future__ import annotations

import numpy as np

from l2c.demo.chance import Codes, Floats


def of_group(table: str, code: int, like: tuple[int, ...] = ()) -> str:
    """Name of what sets one group apart, by which it is switched off: it is then as the others are, or as some of them."""
    return f"{table}: {code}{' like ' if like else ''}{','.join(map(str, like))}"


def level(table: str, values: Floats, codes: Codes, off: frozenset[str], *, besides: tuple[int, ...] = ()) -> Floats:
    """Return the value of each case's group; that of a group which is switched off is the mean over the other cases.

    `besides` are groups that are no measure of what is usual, such as one that a planted fault strikes.
    """
    real: Floats = np.asarray(values, np.float64)[codes]
    found = real.copy()
    for name in off:
        if name.startswith(f"{table}: "):
            code, _, like = name.removeprefix(f"{table}: ").partition(" like ")
            mine = codes == int(code)
            usual = np.isin(codes, [int(k) for k in like.split(",")]) if like else ~mine & ~np.isin(codes, besides)
            found[mine] = real[usual].mean() if usual.any() else np.nan
    return found
