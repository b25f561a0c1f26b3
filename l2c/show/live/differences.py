"""Where do two groups of cases run differently, beyond chance?"""

from __future__ import annotations

from typing import Any


def marked(spec: dict[str, Any], log: Any, lang: str) -> dict[str, Any]:
    return {}
