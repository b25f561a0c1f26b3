"""Where is the warehouse, and what of its address may be shown?"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus, unquote

from l2c.prepare.sources import Source
from l2c.system.extras import need
from l2c.words.errors import L2CError, WarehouseTrouble

URL = re.compile(r"^\s*[a-z][a-z0-9_]*(\+[a-z0-9_]+)?://", re.IGNORECASE)
# What looks like an address, or was meant as one, and so may hold a password: never printed as it stands.
_LIKE = re.compile(r"^\s*[\w+.-]{2,}:+/|://|^\s*[\w+.-]{2,}:[^@]*@", re.DOTALL)
# What stands behind the user and the password; an address of other parts may hold a secret anywhere.
_PLACE = re.compile(
    r"(?P<host>\[[0-9A-Fa-f:.]+\]|[\w.-]*)(?::(?P<port>\d*))?(?P<database>/[^?#@;=]*)?"
    r"(?P<query>\?(?:[\w.%+-]+=[^&#]*(?:&|(?=#)|$))*)?(?:#(?P<schema>[\w$. -]*))?"
)
_FILE = re.compile(r"(?P<host>)(?P<port>)(?P<database>/[^?#]*)(?P<query>\?[^#]*)?(?:#(?P<schema>[\w$. -]*))?")
# Words of a query that say where something is, not who may see it.
OPEN = {"host", "port", "sslmode", "driver", "charset", "role", "warehouse", "application_name", "connect_timeout"}
PASSWORD = "L2C_WAREHOUSE_PASSWORD"


@dataclass(frozen=True)
class Address:
    """A warehouse: `url` of SQLAlchemy, `schema` to look in, how it may be `shown`, and what must not be."""

    url: Any = field(repr=False)
    schema: str | None
    shown: str
    secrets: frozenset[str] = field(repr=False)

    def cleaned(self, error: Any) -> str:
        """The driver's own words, without what is secret; nothing of them where that cannot be told apart."""
        said = str(getattr(error, "orig", None) or error).strip().splitlines() or [type(error).__name__]
        text = said[0]
        for secret in sorted(self.secrets, key=len, reverse=True):
            if secret in text and len(secret) < 4:
                return type(error).__name__
            text = text.replace(secret, "…")
        return re.sub(r"://[^\s]*@", "://…@", text)[:200]


def parsed(address: str) -> Address:
    """Take an address apart, once.

    Parameters
    ----------
    address
        As SQLAlchemy writes it, with `#schema` at its end. Signs such as `@`, `/`, `#` and `?` may stand in the password as
        they are, or in their form for addresses (`%40`).

    Raises
    ------
    WarehouseTrouble
        If it cannot be understood, or there is no driver; no part of it is shown.
    MissingExtra
        If SQLAlchemy is not installed.
    """
    need("salesforce", "sqlalchemy")
    import sqlalchemy as sa

    scheme, _, rest = address.strip().partition("://")
    kind = scheme.casefold()
    place = _FILE.fullmatch(rest) if kind.startswith(("sqlite", "duckdb")) else None
    splits = [(None, place)] if place else _splits(rest)
    if not splits:
        raise WarehouseTrouble.address()
    who, place = splits[0]
    user, colon, password = who.partition(":") if who is not None else ("", "", "")
    why = None
    try:
        url = sa.make_url(f"{kind}://{place[0].partition('#')[0]}")
        url = url.set(username=unquote(user) or None, password=unquote(password) if colon else None)
        if url.drivername in ("postgresql", "postgres"):
            url = url.set(drivername="postgresql+psycopg")
    except (sa.exc.ArgumentError, ValueError):
        why = WarehouseTrouble.address()
    if why is not None:
        raise why
    if url.password is None and (known := _password()) is not None:
        url = url.set(password=known)
    shown = f"{kind}://{'…@' if who is not None else ''}{place['host']}"
    shown += (f":{place['port']}" if place["port"] else "") + (place["database"] or "")
    # Of an address that could be parted in two ways nothing can be said to be no secret.
    doubtful = len(splits) > 1
    return Address(
        url, place["schema"], f"{kind}://…" if doubtful else shown, _secrets(url, who, rest if doubtful else "")
    )


def _splits(rest: str) -> list[tuple[str | None, re.Match[str]]]:
    """Every way to part user and password from the place, the likeliest first."""
    found: list[tuple[str | None, re.Match[str]]] = []
    for at in [n for n, sign in enumerate(rest) if sign == "@"] if not rest.startswith("/") else []:
        place = _PLACE.fullmatch(rest[at + 1 :])
        if place and re.match(r"[^:/?#]*(:|$)", rest[:at]):
            found.append((rest[:at], place))
    if not found and (place := _PLACE.fullmatch(rest)):
        found.append((None, place))
    return found


def _secrets(url: Any, who: str | None, rest: str) -> frozenset[str]:
    """Texts that no message may hold: the password in all its forms and parts, and what else opens doors."""
    whole = {
        str(url.password or ""),
        (who or "").partition(":")[2],
        _password() or "",
        os.environ.get("PGPASSWORD", ""),
    }
    whole |= {str(each) for word, each in url.query.items() if word not in OPEN}
    parts = {part for each in (*whole, rest) for part in re.split(r"[^\w!$.*+-]+", each) if len(part) > 3}
    forms = {form for each in whole for form in (each, quote(each, safe=""), quote_plus(each), repr(each)[1:-1])}
    return frozenset(filter(None, forms | parts))


def _password() -> str | None:
    import keyring
    import keyring.errors

    if os.environ.get(PASSWORD):
        return os.environ[PASSWORD]
    try:
        return keyring.get_password("l2c", PASSWORD)
    except (keyring.errors.KeyringError, OSError, RuntimeError):
        return None


def is_address(source: Source) -> bool:
    """Tell whether a source is an address, or was meant to be one, and no file."""
    if not isinstance(source, str) or not _LIKE.search(source) or source.startswith("salesforce:"):
        return False
    try:
        return bool(URL.match(source)) or not Path(source).exists()
    except (OSError, ValueError):
        return True


def shown(source: str) -> str:
    """A source as it may be printed: of an address only where it leads."""
    if not is_address(source):
        return source
    try:
        return parsed(source).shown
    except L2CError:  # not understood, or nothing is installed that could
        return "an address"


def forget(arguments: list[str]) -> None:
    """Take the secrets of this program's arguments out of the list of processes, where the system lets it (Linux)."""
    import ctypes

    try:
        start = int(Path("/proc/self/stat").read_text("utf-8").rpartition(")")[2].split()[45])
        line = Path("/proc/self/cmdline").read_bytes()
        for each in filter(is_address, arguments):
            text = each.encode("utf-8", "surrogateescape")
            if (at := line.find(b"\0" + text + b"\0")) >= 0:
                # To parse it would take seconds in which everybody could look.
                instead = (each.partition("://")[0] + "://…" if URL.match(each) else "…").encode()[: len(text)]
                ctypes.memmove(start + at + 1, instead.ljust(len(text), b" "), len(text))
    except (OSError, ValueError, IndexError):
        return
