"""How does an error know what went wrong, in both languages?"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import wraps
from typing import Any, ClassVar, Concatenate, ParamSpec

Given = ParamSpec("Given")

AGAIN = "もう一度エクスポートしてください。"
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


class L2CError(ValueError):
    """Base of everything the kit raises for input or wishes it cannot serve.

    Attributes
    ----------
    made_by, made_of
        Which `way` made it, `UnknownName.activity`, and of what.
    """

    made_by: str = ""
    made_of: ClassVar[dict[str, Any]] = {}
    japanese: str = ""

    def __init__(self, *said: object) -> None:
        super().__init__(*(_plain(each) if isinstance(each, str) else each for each in said))

    def said(self, lang: str = "en") -> str:
        """What went wrong, in the reader's language; an error that no `way` made is said as it stands."""
        if lang != "ja" or not self.japanese:
            return str(self)
        values = {name: _told(value) for name, value in self.made_of.items()}
        if "known" in self.made_of:
            wanted = self.made_of.get("value", self.made_of.get("name"))
            values["closest"] = closest(str(wanted), map(str, self.made_of["known"]))
        return _plain(self.japanese.format(**values))


def way(japanese: str) -> Callable[[Callable[Concatenate[Any, Given], str]], classmethod[L2CError, Given, L2CError]]:
    """Make of a function that says in English what is wrong, what was found and what to do a way to make its error.

    Parameters
    ----------
    japanese
        The same in Japanese; in braces stand what the function was given, and `closest` of the names that are `known`.
    """

    def of(say: Callable[Concatenate[Any, Given], str]) -> classmethod[L2CError, Given, L2CError]:
        @wraps(say)
        def make(cls: type[L2CError], *given: Given.args, **named: Given.kwargs) -> L2CError:
            from inspect import signature

            # What can be gone through only once would be used up before it is said again.
            bound = signature(say).bind(cls, *(list(g) if isinstance(g, Iterator) else g for g in given), **named)
            bound.apply_defaults()
            error = cls(say(*bound.args, **bound.kwargs))
            _, *made_of = bound.arguments.items()
            error.made_by, error.made_of, error.japanese = say.__qualname__, dict(made_of), japanese  # type: ignore[misc]
            return error

        return classmethod(make)

    return of


def closest(name: str, known: Iterable[str], n: int = 3) -> str:
    """Return the known names most like `name`, joined by commas; all of them when none is alike and few are known."""
    from difflib import get_close_matches

    known = list(dict.fromkeys(known))
    alike = get_close_matches(name.casefold(), [k.casefold() for k in known], n=n, cutoff=0.5)
    found = [next(k for k in known if k.casefold() == a) for a in alike]
    return ", ".join(found or known[:8])


def listed(names: Collection[str], most: int = 20) -> str:
    """Names with commas between them; long ones are cut, and of many the first stand for all."""
    short = [name if len(name) <= 40 else name[:39] + "…" for name in list(names)[:most]]
    return ", ".join(short) + (f" and {len(names) - most:,} more" if len(names) > most else "")


def _plain(text: str) -> str:
    # Words of the data stand in messages: no line ends, signs that steer a terminal, or halves of signs among them.
    return _UNPRINTABLE.sub(" ", text)


def _told(given: Any) -> str:
    """What an error was made of: lists with commas, filters as they are written, long texts cut."""
    if isinstance(given, dict):
        return "、".join(
            f"{key}({'、'.join(map(str, each))})" if isinstance(each, list) else f"{key}={each}"
            for key, each in given.items()
        )
    if isinstance(given, Iterable) and not isinstance(given, str):
        return "、".join(map(str, given))
    if hasattr(given, "said"):
        # Another error, or a remark.
        return str(given.said("ja"))
    if isinstance(given, float):
        return f"{given:g}"
    return (
        "–"
        if given is None
        else f"{given:,}"
        if isinstance(given, int)
        else str(given).strip().partition("\n")[0][:300]
    )
