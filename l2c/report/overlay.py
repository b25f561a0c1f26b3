"""How do the rows of a drawing lead to their cases? As a picture it holds no buttons, so they lie over it, wherever it is shown."""

from __future__ import annotations

import re

_ROW = re.compile(r'<g( data-cases="[\w-]+" data-label="[^"]*")>\s*<path d="([^"]*)"[^>]*/>\s*</g>\n?')
_SIZE = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')


def bare(svg: str) -> str:
    """The drawing without what leads somewhere."""
    return _ROW.sub("", svg)


def over(picture: str, svg: str, phone: str | None = None) -> str:
    """Lay the rows that lead to their cases over a picture.

    Parameters
    ----------
    picture
        Its HTML.
    svg, phone
        The drawings of which it shows one, that for a phone where the page is narrow.

    Returns
    -------
    The same HTML where no row leads anywhere. The rows are elements without a text; their label says what they are.
    """
    rows = [_rows(svg, "" if phone is None else " on-wide"), "" if phone is None else _rows(phone, " on-narrow")]
    return f'<span class="leads-over">{picture}{"".join(rows)}</span>' if any(rows) else picture


def _rows(svg: str, when: str) -> str:
    size = _SIZE.search(svg)
    if size is None:
        return ""
    wide, high = map(float, size.groups())
    found = []
    for attributes, path in _ROW.findall(svg):
        numbers = [float(number) for number in re.findall(r"-?[\d.]+", path)]
        (left, right), (top, bottom) = (_ends(numbers[side::2], most) for side, most in ((0, wide), (1, high)))
        place = f"left:{left:.2%};top:{top:.2%};width:{right - left:.2%};height:{bottom - top:.2%}"
        found.append(f'<span class="leads-row{when}" style="{place}"{attributes}></span>')
    return "".join(found)


def _ends(numbers: list[float], most: float) -> tuple[float, float]:
    """Where a row begins and ends, as parts of the whole."""
    return max(min(numbers), 0.0) / most, min(max(numbers), most) / most
