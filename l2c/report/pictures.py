"""How do pictures stand on a page? With a text that says what they show, at the width they are looked at."""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Mapping
from typing import Any

from l2c.report.overlay import bare, over
from l2c.show.markup import PHONE, escape

_DRAWN = "image/svg+xml"
# As wide as the page's own style begins to set things for a phone.
_NARROW = "(max-width:640px)"
# In pixels: the smallest letters anybody reads, and what a common phone leaves a picture.
_LEAST, _PHONE = 9.0, 362


def picture(data: Mapping[str, Any]) -> str:
    """Return the HTML of a drawing: of its alternatives the browser shows the one for its width."""
    words = escape(data.get("text/plain", ""))
    phone = f'<source media="{_NARROW}" srcset="{_address(data[PHONE])}">' if PHONE in data else ""
    least = readable("".join(data.get(PHONE, data[_DRAWN])))
    # What even so is wider than a phone goes on beyond its edge, rather than be too small to read.
    sideways = f' class="sideways" style="--least:{least}px"' if least > _PHONE else ""
    shown = f'<picture{sideways}>{phone}<img alt="{words}" src="{_address(data[_DRAWN])}"></picture>'
    return over(shown, "".join(data[_DRAWN]), "".join(data[PHONE]) if PHONE in data and not sideways else None)


def readable(svg: str) -> int:
    """How wide a drawing must be for its smallest letters to be nine pixels high; 0 without any."""
    wide = float(re.search(r'viewBox="0 0 ([\d.]+)', svg)[1])  # type: ignore[index]
    # Letters of a chart are shapes of a hundredth of their size; those of a map are text.
    sizes = [100 * float(size) for size in re.findall(r"<!-- .* -->\s*<g [^>]*?scale\(([\d.]+) ", svg)]
    sizes += [float(size) for size in re.findall(r'<text [^>]*?font-size="([\d.]+)"', svg)]
    return math.ceil(wide * _LEAST / min(sizes)) if sizes else 0


def _address(svg: str) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(bare("".join(svg)).encode()).decode()
