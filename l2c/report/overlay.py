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
        found.append((attributes, *_ends(numbers[0::2], wide), *_ends(numbers[1::2], high)))
    # On a phone the name of a row stands above it.
    tops, bottoms = [row[3] for row in found], [row[4] for row in found]
    room = max(min((top - bottom for top, bottom in zip(tops[1:], bottoms, strict=False)), default=0.0), 0.0)
    return "".join(
        f'<span class="leads-row{when}" style="left:{left:.2%};top:{top - room:.2%};width:{right - left:.2%};'
        f'height:{bottom - top + room:.2%}"{attributes}></span>'
        for attributes, left, right, top, bottom in found
    )


def _ends(numbers: list[float], most: float) -> tuple[float, float]:
    """Where a row begins and ends, as parts of the whole."""
    return max(min(numbers), 0.0) / most, min(max(numbers), most) / most
