"""Who is credited with which part of a deal?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

SPLIT = "rep_split"
_PART = re.compile(r"^(?P<name>.*?\S)[\s:=(（]*(?P<number>\d+(?:[.,]\d+)?)\s*[%％]?\s*[)）]?$")


def parted(text: str) -> dict[str, float]:
    """Read a split: `Sato 50 % | Kim 50 %` is Sato and Kim with a half each; empty where it is none.

    Notes
    -----
    What adds up to one is fractions, everything else percent, whatever it adds up to: some credit more than a whole.
    """
    found: dict[str, float] = {}
    for piece in re.split(r"[|;\n／]", text):
        if not piece.strip():
            continue
        met = _PART.match(piece.strip())
        if met is None:
            return {}
        found[met["name"]] = found.get(met["name"], 0.0) + float(met["number"].replace(",", "."))
    scale = 1 if found and sum(found.values()) <= 1.0001 else 100
    return {name: number / scale for name, number in found.items() if number > 0}


def written(parts: Mapping[str, float]) -> str:
    """Write a split, the largest part first."""
    ranked = sorted(parts.items(), key=lambda part: (-part[1], part[0]))
    return " | ".join(f"{name.replace('|', '/')} {share * 100:.6g} %" for name, share in ranked)


def people(texts: Iterable[str]) -> list[str]:
    """Everybody that some splits name."""
    return list(dict.fromkeys(name for text in texts for name in parted(text)))


def renamed(text: str, names: Mapping[str, str]) -> str:
    """A split with other names."""
    return written({names.get(name, name): share for name, share in parted(text).items()})
