"""Who may see the dashboard, and what of this machine comes with it? Nothing but the page."""

from __future__ import annotations

import ipaddress
import os
import secrets
import socket
from pathlib import Path

from l2c.errors import PortTaken
from l2c.extras import LIVE, need
from l2c.places import NOTEBOOKS

# What the notebook reads, since Voilà hands no parameters to a notebook.
LOG, LANG, INSTANCE = "L2C_DASHBOARD_LOG", "L2C_DASHBOARD_LANG", "L2C_DASHBOARD_INSTANCE"
HERE = "127.0.0.1"


def serve(
    log: Path,
    *,
    port: int = 8866,
    host: str = HERE,
    lang: str = "en",
    instance_url: str | None = None,
    browser: bool = True,
) -> None:
    """Serve the dashboard until it is stopped; every visitor has a kernel, and so filters, of their own.

    Parameters
    ----------
    log
        Folder of a saved log; it is read and never written.
    port, host
        Where to listen. On any other address than this machine's own, a token is needed, which is in the address that
        is printed.
    lang
        `en` or `ja`.
    instance_url
        Address of the Salesforce org, for links to records.
    browser
        Open a browser.

    Raises
    ------
    PortTaken
        If nothing can listen there.
    MissingExtra
        If Voilà is not installed.
    """
    need("notebook", "voila", *LIVE)
    _free(host, port)
    from voila.app import Voila
    from voila.shutdown_kernel_handler import VoilaShutdownKernelHandler

    # A page that is closed ends its kernel, but says so without Jupyter's token against forged requests. Whoever could
    # forge this one would have to know the kernel's random id.
    VoilaShutdownKernelHandler.check_xsrf_cookie = lambda self: None

    class Closed(Voila):
        """Voilà that answers only to the names of this machine, as long as no token keeps others out."""

        def init_settings(self) -> dict[str, object]:
            return super().init_settings() | {"allow_remote_access": not is_own(self.ip)}

    os.environ |= {LOG: str(Path(log).resolve()), LANG: lang, INSTANCE: instance_url or ""}
    os.environ["JUPYTER_PATH"] = os.pathsep.join(
        filter(None, [str(Path(__file__).parent / "voila"), os.environ.get("JUPYTER_PATH")])
    )
    token = "" if is_own(host) else secrets.token_urlsafe(24)
    address = f"http://{'localhost' if is_own(host) else host}:{port}/" + (f"?token={token}" if token else "")
    print(f"The dashboard: {address}  (Ctrl+C stops it)", flush=True)
    Closed.launch_instance(
        argv=[
            str(NOTEBOOKS / "dashboard.ipynb"),
            f"--port={port}",
            "--template=l2c",
            # The address that was printed holds, or nothing does.
            "--Voila.port_retries=0",
            "--Voila.log_level=30",
            *([] if browser else ["--no-browser"]),
        ],
        ip=host,
        token=token,
        config=settings(),
    )


def _free(host: str, port: int) -> None:
    """Refuse an address where something else answers, or which this machine does not have."""
    try:
        kind, *_, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(kind, socket.SOCK_STREAM) as probe:
            # As the server will do it: a port that was in use a moment ago is free.
            if os.name != "nt":
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(where)
    except (OSError, OverflowError) as error:
        raise PortTaken.at(host, port) from error


def settings() -> object:
    """Return Voilà's settings: no file, no source text and no traceback ever reaches the browser."""
    from traitlets.config import Config

    return Config(
        VoilaConfiguration={
            "file_allowlist": [],
            "file_denylist": [".*"],
            "strip_sources": True,
            "show_tracebacks": False,
            "enable_nbextensions": False,
            # One page is always ready, so that the next visitor need not wait for a kernel to start.
            "preheat_kernel": True,
            "default_pool_size": 1,
        },
        VoilaExecutor={"timeout": 120},
        # A visitor who is gone, and whose browser did not say so, keeps no memory.
        MappingKernelManager={"cull_idle_timeout": 600, "cull_interval": 60, "cull_connected": False},
    )


def is_own(host: str) -> bool:
    """Whether only this machine can reach an address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
