"""Who may see the dashboard, and what of this machine comes with it? Nothing but the page."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import secrets
import socket
import tempfile
import threading
import webbrowser
from collections.abc import Iterator
from pathlib import Path

from l2c.log.origin import SMALLEST
from l2c.system import processes
from l2c.system.extras import LIVE, need, schemas_at_once
from l2c.system.places import NOTEBOOKS
from l2c.words.errors import PortTaken

# What the notebook reads, since Voilà hands no parameters to a notebook.
LOG, LANG, INSTANCE = "L2C_DASHBOARD_LOG", "L2C_DASHBOARD_LANG", "L2C_DASHBOARD_INSTANCE"
NAMES, SMALLEST_GROUP, RULES = "L2C_DASHBOARD_NAMES", "L2C_DASHBOARD_SMALLEST_GROUP", "L2C_DASHBOARD_RULES"
REGISTER, ALERTS, FRESH = "L2C_DASHBOARD_REGISTER", "L2C_DASHBOARD_ALERTS", "L2C_DASHBOARD_FRESH"
CLIENT = "L2C_DASHBOARD_CLIENT"
HERE = "127.0.0.1"


def serve(
    log: Path,
    *,
    port: int = 8866,
    host: str = HERE,
    lang: str = "en",
    instance_url: str | None = None,
    browser: bool = True,
    visitors: int = 20,
    names: bool = False,
    smallest: int = SMALLEST,
    rules: str | Path | None = None,
    register: str | Path | None = None,
    alerts: str | Path | None = None,
    fresh: bool = False,
    client: str = "",
) -> None:
    """Serve the dashboard until it is stopped; every visitor has a kernel, and so filters, of their own.

    Parameters
    ----------
    log
        Folder of a saved log; of it only the register beside it is written, where a finding is kept or put aside.
    port, host
        Where to listen. On any other address than this machine's own, a token is needed, which is in the address that
        is printed.
    lang
        `en` or `ja`.
    instance_url
        Address of the Salesforce org, for links to records.
    browser
        Open a browser.
    visitors
        How many kernels there are at most; whoever comes then reads that the dashboard is full.
    names, smallest
        Whether comparisons show the names of people, and how few are not compared; filters and lists of cases show names.
    rules
        A YAML file of rules (see docs/rules.md); those shipped with the kit unless given.
    register, alerts
        The register of decisions and targets, and a file of what to watch; see `dashboard`.
    fresh
        Whether the log was made of a file just now, so that what was read of it comes first.
    client
        For whom a report of the selection is; see `dashboard`.

    Raises
    ------
    MissingExtra
        If Voilà is not installed.
    PortTaken
        If nothing can listen there.
    KeyboardInterrupt
        When it is stopped, by Ctrl+C or by a signal.
    """
    need("notebook", "voila", *LIVE)
    _free(host, port)
    log = Path(log).resolve()
    token = "" if is_own(host) else secrets.token_urlsafe(24)
    address = f"http://{_named(host)}:{port}/" + (f"?token={token}" if token else "")
    settings = {LOG: str(log), LANG: lang, INSTANCE: instance_url or ""}
    settings |= {NAMES: "yes" if names else "", SMALLEST_GROUP: str(smallest)}
    files = {RULES: rules, REGISTER: register, ALERTS: alerts}
    settings |= {name: str(Path(file).resolve()) if file else "" for name, file in files.items()}
    settings |= {FRESH: "yes" if fresh else "", CLIENT: client}
    schemas_at_once()
    from l2c.dashboard.server import Server

    with _neutral(settings), tempfile.TemporaryDirectory() as spare:
        print(f"The dashboard: {address}  (Ctrl+C stops it)", flush=True)
        server = Server.instance(ip=host, port=port, token=token)
        server.serve(
            NOTEBOOKS.resolve() / "dashboard.ipynb",
            log,
            lang,
            visitors,
            opened=_opening(address, Path(spare)) if browser else None,
        )
    Server.clear_instance()
    raise KeyboardInterrupt(server.stopped_by)


def _free(host: str, port: int) -> None:
    """Refuse an address where something else answers, or which this machine does not have."""
    try:
        if not host.strip():
            # The system would listen everywhere.
            raise OSError("no host")
        kind, *_, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(kind, socket.SOCK_STREAM) as probe:
            # As the server will do it: a port that was in use a moment ago is free.
            if os.name != "nt":
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(where)
    except (OSError, OverflowError, ValueError) as error:
        raise PortTaken.at(host, port) from error


def _named(host: str) -> str:
    """A host as it stands in an address."""
    if host == HERE:
        return "localhost"
    return f"[{host}]" if ":" in host else host


@contextlib.contextmanager
def _neutral(settings: dict[str, str]) -> Iterator[None]:
    """Be where no file of the user's is obeyed, with what the kernels are to know."""
    before = dict(os.environ)
    own = os.pathsep.join(filter(None, [str(Path(__file__).with_name("voila")), os.environ.get("JUPYTER_PATH")]))
    os.environ |= processes.environment(JUPYTER_PATH=own, **settings)
    try:
        with contextlib.chdir(processes.NEUTRAL):
            yield
    finally:
        for name in os.environ.keys() - before.keys():
            del os.environ[name]
        os.environ |= before


def _opening(address: str, folder: Path) -> threading.Thread:
    """What opens the browser; a token does not stand in its command line, which everybody on this machine can read."""
    # Everywhere is no place to go to.
    address = address.replace("//0.0.0.0:", "//localhost:").replace("//[::]:", "//localhost:")
    if "token=" in address:
        page = folder / "open.html"
        page.touch(0o600)
        page.write_text(f'<meta http-equiv="refresh" content="0;url={address}">', "utf-8")
        address = page.as_uri()
    return threading.Thread(target=webbrowser.open, args=[address], daemon=True)


def is_own(host: str) -> bool:
    """Whether only this machine can reach an address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
