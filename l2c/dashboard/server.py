"""Voilà, with routes, kernels and settings of our own."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import shutil
import signal
import threading
from pathlib import Path
from typing import Any

from tornado.ioloop import PeriodicCallback
from traitlets.config import Config
from voila.app import Voila

from l2c.dashboard.rooms import Kernels, Rooms
from l2c.dashboard.visitors import routes
from l2c.show import csp
from l2c.system import processes

# How often it is looked whether a visitor has gone, in milliseconds.
SWEPT = 15_000


class Server(Voila):
    """Voilà for one notebook: no file, no source text and no traceback ever reaches the browser."""

    rooms: Rooms
    stopped_by: int = signal.SIGINT

    def serve(self, notebook: Path, log: Path, lang: str, most: int, opened: threading.Thread | None) -> None:
        """Listen until a signal comes."""
        self._log, self._lang, self._most, self._opened = log, lang, most, opened
        self.update_config(settings())
        self.initialize([str(notebook)])
        # Who was refused, and how often a websocket is asked whether it lives, is no news.
        for name in ("tornado.access", "tornado.general"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self.start()

    def init_settings(self) -> dict[str, Any]:
        """Answer only to the names of this machine, as long as no token keeps others out."""
        self.rooms = Rooms(self, self._log, self._most)
        headers = {
            "Content-Security-Policy": csp.BARE,
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            # The address holds the token. (Without any, the form for the token would come from nowhere.)
            "Referrer-Policy": "same-origin",
        }
        own = {"allow_remote_access": bool(self.token), "rooms": self.rooms, "lang": self._lang, "headers": headers}
        return super().init_settings() | own | {"login_url": "/login"}

    def init_handlers(self) -> list[Any]:
        """Answer to what is asked for by name, and to nothing else of what Voilà would answer to."""
        return routes(self)

    def listen(self) -> None:
        """Listen until a signal comes, and end every kernel."""
        asyncio.run(self._listen())

    def _handle_signal_stop(self, sig: int, frame: object) -> None:
        # Before it listens.
        raise KeyboardInterrupt(sig)

    async def _listen(self) -> None:
        ended = asyncio.Event()

        def stop(number: int) -> None:
            self.stopped_by = number
            ended.set()

        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            # Where there are no such signals (Windows), a KeyboardInterrupt ends it.
            with contextlib.suppress(AttributeError, NotImplementedError):
                number = getattr(signal, name)
                if signal.getsignal(number) != signal.SIG_IGN:
                    asyncio.get_running_loop().add_signal_handler(number, stop, number)
        listening = self.app.listen(self.port, self.ip)
        sweeping = PeriodicCallback(self.rooms.sweep, SWEPT)
        sweeping.start()
        try:
            self.rooms.prepare()
            if self._opened is not None:
                self._opened.start()
            await ended.wait()
        finally:
            sweeping.stop()
            listening.stop()
            self.rooms.close()
            processes.end()
            shutil.rmtree(self.connection_dir, ignore_errors=True)


def settings() -> Config:
    """Return Voilà's settings."""
    return Config(
        Voila={
            # Files named voila.json or voila.py are looked for where one starts and in folders of the user: none is obeyed.
            "config_file_paths": [],
            "log_level": 50,
        },
        # Another site cannot make the visitor's browser show that it was let in.
        PasswordIdentityProvider={
            "cookie_options": {"samesite": "Strict"},
            # Who has the token could set a password for every Jupyter server of this machine's user.
            "allow_password_change": False,
            "hashed_password": "",
        },
        VoilaConfiguration={
            "template": "l2c",
            "allow_template_override": "NO",
            "allow_theme_override": "NO",
            "strip_sources": True,
            "show_tracebacks": False,
            "preheat_kernel": False,
            "multi_kernel_manager_class": Kernels,
            # What the page is made of; other extensions of JupyterLab that are installed here have no business in it.
            "extension_allowlist": [
                "@jupyter-widgets/jupyterlab-manager",
                "@voila-dashboards/widgets-manager8",
                "anywidget",
            ],
        },
        # A busy machine is slow, not wrong.
        VoilaExecutor={"timeout": 120, "startup_timeout": 180},
        VoilaExporter={"extra_template_basedirs": []},
        MappingKernelManager={"allow_tracebacks": False},
        # Messages beyond a rate would be left out without a word, and the page would show what was before.
        ZMQChannelsWebsocketConnection={"limit_rate": False},
    )
