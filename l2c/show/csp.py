"""What may a page of the kit do in the browser? Its Content-Security-Policy (CSP)."""

from __future__ import annotations

import re

# A report loads nothing: the browser itself refuses any request that leaves the page.
REPORT = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; font-src data:"
# No page but the dashboard's own has a script or loads anything.
BARE = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


def dashboard(nonce: str, host: str) -> str:
    """Return what the browser may do on the dashboard's page.

    Parameters
    ----------
    nonce
        The mark of the scripts that stand in the page.
    host
        The server's name as the visitor's browser has it.

    Notes
    -----
    Scripts are files of this server, those that carry the mark, and `blob:`, from which anywidget imports the code of a
    widget; a blob is made by a script, never by markup. Styles may stand anywhere, since widgets bring theirs along.
    Not every browser counts a websocket to this server among what 'self' means.
    """
    sockets = f" ws://{host} wss://{host}" if re.fullmatch(r"[\w.:\[\]-]+", host) else ""
    return (
        f"default-src 'none'; script-src 'self' 'nonce-{nonce}' blob:; style-src 'self' 'unsafe-inline'; "
        f"img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'{sockets}; "
        "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    )
