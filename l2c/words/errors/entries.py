"""What is wrong with an entry of a file that people write: alerts, or the register?"""

from __future__ import annotations

from collections.abc import Iterable

from l2c.words.errors.base import L2CError, closest, way


class BadEntry(L2CError):
    """An entry of a file that makes no sense; `place` says which."""

    @way("{place} の「{value}」は使えません。近いもの：{closest}。")
    def key(cls, place: str, value: str, known: Iterable[str]) -> str:
        return f"In {place}, {value!r} means nothing. Closest: {closest(value, known)}."

    @way("{place} に {word} がありません。例：{word}: {example}。")
    def lacks(cls, place: str, word: str, example: str) -> str:
        return f"In {place}, {word!r} is missing. Write one, such as {word}: {example}."

    @way("{place} の {word} の書き方が違います。{word}: {example} のように書いてください。")
    def argument(cls, place: str, word: str, example: str) -> str:
        return f"In {place}, {word!r} is not filled in as it should be. Write it like {word}: {example}."
