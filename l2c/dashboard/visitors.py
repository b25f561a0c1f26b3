"""Who may ask for what, and what can a page do in the browser of a visitor?"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlparse

from jupyter_server.auth.login import LoginFormHandler
from jupyter_server.base.handlers import FileFindHandler, JupyterHandler
from jupyter_server.services.kernels.handlers import KernelHandler
from tornado import web
from voila.shutdown_kernel_handler import VoilaShutdownKernelHandler
from voila.static_file_handler import MultiStaticFileHandler, TemplateStaticFileHandler
from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler

from l2c.dashboard.rooms import Full, Unusable
from l2c.show import csp
from l2c.show.markup import escape
from l2c.words import phrases

WIRE = "v1.kernel.websocket.jupyter.org"
# What a page of widgets hears from its kernel. Errors and whatever the kernel writes are for those who run the dashboard.
HEARD = {"comm_open", "comm_msg", "comm_close", "comm_info_reply", "kernel_info_reply", "status", "shutdown_reply"}
_KERNEL = r"(?P<kernel_id>\w+-\w+-\w+-\w+-\w+)"


def routes(app: Any) -> list[tuple[Any, ...]]:
    """Return what answers to which path; what is not named here is not there."""
    return [
        (r"/", Page),
        (rf"/api/kernels/{_KERNEL}", Kernel),
        (rf"/api/kernels/{_KERNEL}/channels", Channels),
        (rf"/voila/api/shutdown/{_KERNEL}", Leaving),
        (r"/voila/templates/(.*)", Assets),
        (r"/voila/static/(.*)", MultiStaticFileHandler, {"paths": app.static_paths}),
        (r"/voila/labextensions/(.*)", Extensions, {"path": app.labextensions_path, "no_cache_paths": ["/"]}),
        (r"/login", Login),
        (r".*", NotHere),
    ]


class _Told:
    """A handler whose answers are sentences in the language of the dashboard."""

    def tell(self: Any, phrase: str, status: int, more: str = "") -> None:
        """Answer with a sentence."""
        lang = self.settings["lang"]
        title, said = phrases.say("dashboard.title", lang), phrases.say(f"visitor.{phrase}", lang)
        self.set_status(status)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Content-Security-Policy", csp.BARE)
        self.set_header("Cache-Control", "no-store")
        self.finish(
            f'<!DOCTYPE html><html lang="{lang}"><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f'<title>{escape(title)}</title><link rel="icon" href="data:;base64,=">'
            "<style>body{font-family:system-ui,sans-serif;max-width:40em;margin:15vh auto;padding:0 1em;"
            "color:#1d2939;background:#f3f6fa}</style>"
            f"<h1>{escape(title)}</h1><p>{escape(said)}</p>{more}</html>"
        )

    def write_error(self: Any, status_code: int, **kwargs: Any) -> None:
        known = {401: "token", 403: "forbidden", 404: "not_here", 405: "not_here"}
        self.tell(known.get(status_code, "failed"), status_code)


class Page(_Told, JupyterHandler):
    """The dashboard itself."""

    @web.authenticated
    async def get(self) -> None:
        """Let a visitor in."""
        # A picture or a link on another site must not start a kernel. Who has the token in the address was invited.
        if self._is_foreign() and not self.token_authenticated:
            link = f'<p><a href="/">{escape(phrases.say("visitor.open", self.settings["lang"]))}</a></p>'
            self.tell("elsewhere", 403, link)
            return
        try:
            room = await self.settings["rooms"].enter()
        except Full:
            self.set_header("Retry-After", "60")
            self.tell("full", 503)
        except Unusable:
            self.tell("unusable", 500)
        else:
            self.set_header("Content-Security-Policy", csp.dashboard(room.nonce, self.request.host))
            self.set_header("Content-Type", "text/html; charset=utf-8")
            self.set_header("Cache-Control", "no-store")
            self.finish(room.html)

    def _is_foreign(self) -> bool:
        """Whether another site's page asked; browsers say so, older ones name the page that asks."""
        headers = self.request.headers
        site = headers.get("Sec-Fetch-Site")
        if site is not None and site not in ("same-origin", "none"):
            return True
        asking = [headers.get("Origin"), headers.get("Referer") if site is None else None]
        return any(urlparse(each).netloc != self.request.host for each in asking if each)


class NotHere(_Told, JupyterHandler):
    """Whatever else is asked for."""

    @web.authenticated
    def get(self) -> None:
        """Say so."""
        self.tell("not_here", 404)


class Login(_Told, LoginFormHandler):
    """Asks for the token."""

    def _render(self, message: Any = None) -> None:
        lang = self.settings["lang"]
        ask, enter = (escape(phrases.say(f"visitor.{name}", lang)) for name in ("token_field", "enter"))
        form = (
            f'<form method="post" action="/login">{self.xsrf_form_html()}<label>{ask} '
            f'<input type="password" name="password" autocomplete="off"></label> <button>{enter}</button></form>'
        )
        self.tell("token", 401, form)


class Kernel(KernelHandler):
    """What a page asks about its own kernel."""

    async def prepare(self) -> None:  # type: ignore[override]
        """Refuse a kernel that is not there."""
        await super().prepare()
        _known(self)


class Leaving(VoilaShutdownKernelHandler):
    """A page that is closed ends its kernel."""

    def check_xsrf_cookie(self) -> None:
        """Ask for no token against forged requests, which Voilà's page does not send.

        Whoever could forge this one would have to know the kernel's random id.
        """

    async def prepare(self) -> None:
        """Refuse a kernel that is not there."""
        await super().prepare()
        _known(self)

    @web.authenticated
    async def post(self, kernel_id: str) -> None:
        """End the kernel."""
        await self.settings["rooms"].leave(kernel_id)
        self.set_status(204)
        self.finish()


class Channels(_Told, VoilaKernelWebsocketHandler):
    """The messages between a page and its kernel.

    To be reported upstream. What: one visitor stops the server for all with one message. Versions: Voilà 0.5.13,
    jupyter_server 2.20. (a) A websocket opened without the subprotocol v1.kernel.websocket.jupyter.org speaks the older
    form, whose binary messages begin with four bytes of a count; Voilà's `read_header_from_binary_message` takes the
    first eight bytes of every binary message that goes out for a count of the v1 form and makes a list as long as that
    says, about 2 ** 56. (b) `deserialize_msg_from_ws_v1` believes the count in what comes in likewise, and
    `deserialize_binary_message` makes a format string as long as the count of the older form. The way round: the older
    form is refused, and a message that says of itself what cannot be ends the connection before anything reads it.
    """

    async def get(self, kernel_id: str) -> None:
        """Open the connection, if it speaks the form that can be trusted."""
        offered = self.request.headers.get_list("Sec-WebSocket-Protocol")
        if WIRE not in [each.strip() for line in offered for each in line.split(",")]:
            raise web.HTTPError(400, "This server speaks %s only", WIRE)
        _known(self)
        await super().get(kernel_id)

    async def open(self, kernel_id: str) -> None:
        """Note that somebody is here."""
        self.settings["rooms"].connect(kernel_id)
        await super().open(kernel_id)

    def on_close(self) -> None:
        """Note that nobody is here any more."""
        self.settings["rooms"].disconnect(self.kernel_id)
        super().on_close()

    def on_message(self, message: str | bytes) -> None:
        """Pass on what is a message."""
        if isinstance(message, bytes) and is_message(message):
            super().on_message(message)
        else:
            self.close(1007, "not a message")

    def write_message(self, message: Any, binary: bool = False) -> Any:
        """Pass on what a page of widgets needs."""
        if isinstance(message, bytes) and _kind(message) in HEARD:
            return super().write_message(message, binary)
        return None


class Extensions(_Told, FileFindHandler):
    """The code of widgets: which extensions are installed here is nobody else's business."""

    async def prepare(self) -> None:  # type: ignore[override]
        """Ask for the token, which Jupyter does not for these."""
        await super().prepare()
        if self.current_user is None:
            raise web.HTTPError(403)


class Assets(TemplateStaticFileHandler):
    """Files of Voilà's templates."""

    def parse_url_path(self, path: str) -> Any:
        """Find a file by a path in which Voilà would not look for a mistake."""
        if not re.fullmatch(r"[\w-]+/static/.+", path):
            raise web.HTTPError(404)
        return super().parse_url_path(path)


def is_message(message: bytes) -> bool:
    """Whether bytes are a message of the v1 form: where its parts begin, a channel, and at least a header."""
    count = int.from_bytes(message[:8], "little")
    # A channel and four parts make six places, where the last is the end.
    if not 6 <= count <= len(message) // 8 - 1:
        return False
    places = [int.from_bytes(message[8 * k : 8 * k + 8], "little") for k in range(1, count + 1)]
    if places != sorted(places) or places[0] != 8 * (count + 1) or places[-1] != len(message):
        return False
    return message[places[0] : places[1]] in (b"shell", b"control") and _kind(message) is not None


def _kind(message: bytes) -> str | None:
    """The type of a message, as its header says."""
    first, last = (int.from_bytes(message[8 * k : 8 * k + 8], "little") for k in (2, 3))
    try:
        kind = json.loads(message[first:last])["msg_type"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return kind if isinstance(kind, str) else None


def _known(handler: Any) -> None:
    """Refuse a kernel that is not there."""
    if handler.path_kwargs["kernel_id"] not in handler.kernel_manager:
        raise web.HTTPError(404)
