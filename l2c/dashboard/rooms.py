"""Who gets a kernel, how many are there, and is the next one ready?"""

from __future__ import annotations

import asyncio
import secrets
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from nbclient.exceptions import CellExecutionError
from voila.notebook_renderer import NotebookRenderer
from voila.utils import get_page_config

from l2c.log import beside
from l2c.system import processes
from l2c.words import errors

# Seconds. The visitor's own page is drawn first.
BREATH = 1.0
# How long a kernel is kept whose page was never opened, or was closed without a word: a line may be down for a moment.
UNOPENED, GONE = 300.0, 120.0
# How long it is kept when somebody else waits at the door.
WAITED_FOR = 10.0
# What a kernel does before anybody needs it; the log is opened only then, so that it takes little memory.
WARMED = "import l2c.dashboard.desk, l2c.dashboard.pages"


class Full(Exception):
    """As many visitors as there may be are here."""


class Unusable(Exception):
    """The log cannot be shown; whoever started the dashboard has been told why."""


@dataclass(frozen=True)
class Room:
    """A page that no one has seen yet: what it says, the kernel behind it, the mark of its scripts, the age of its log."""

    html: str
    kernel: str
    nonce: str
    age: object


class Kernels(AsyncMappingKernelManager):
    """Kernels that say when one has ended."""

    parent: Any

    def remove_kernel(self, kernel_id: str) -> Any:
        """Forget a kernel that has ended: there is room for another."""
        removed = super().remove_kernel(kernel_id)
        self.parent.rooms.forget(kernel_id)
        return removed


class _Renderer(NotebookRenderer):
    """Voilà's page of a notebook, which remembers what went wrong instead of showing it."""

    trouble: str | None = None

    async def _jinja_cell_generator(self, nb: Any, kernel_id: str) -> Any:
        for place, cell in enumerate(nb.cells):
            try:
                yield await self.executor.execute_cell(cell, None, place, store_history=False)
            except CellExecutionError as error:
                kind = getattr(errors, error.ename, None)
                self.trouble = error.evalue if kind is not None else f"{error.ename}: {error.evalue}"
                break
        await self._cleanup_resources()


class Rooms:
    """One kernel for each visitor, at most so many; ahead of them one with its page, and one that is warm.

    Whoever comes next gets the page. Whoever comes at the same moment gets the kernel that has already imported what its page
    is made of, which is most of the wait.

    Voilà has a pool of its own, which has no limit, keeps a page that failed, and hands the visitor's address,
    with the token in it, to the kernel.
    """

    def __init__(self, app: Any, log: Path, most: int) -> None:
        self._app, self._log, self._most = app, log, most
        self._starting = 0
        self._next: asyncio.Task[Room] | None = None
        self._warm = ""
        self._warming = False
        self._closed = False
        self._trouble = ""
        self._lines: Counter[str] = Counter()
        # Kernels that no page is connected with: since when, and for how long they are kept.
        self._alone: dict[str, tuple[float, float]] = {}

    async def enter(self) -> Room:
        """Give a visitor a page.

        Raises
        ------
        Full
            If there are as many kernels as there may be.
        Unusable
            If the log cannot be opened.
        """
        if self._next is not None and _went_well(self._next) and self._next.result().age != self._written():
            # It was drawn from a log that is another by now.
            await self.leave(self._next.result().kernel)
            self._next = None
        if self._next is None and self._full() and not self._warm:
            await self.sweep(WAITED_FOR)
        ready, self._next = self._next, None
        # What has failed may go well now.
        if ready is None or (ready.done() and not _went_well(ready)):
            ready = self._begin()
        asyncio.get_running_loop().call_later(BREATH, self.prepare)
        room = await ready
        if room.age != self._written():
            # The log became another while its page was drawn.
            await self.leave(room.kernel)
            room = await self._begin()
        self._alone[room.kernel] = time.monotonic(), UNOPENED
        return room

    def connect(self, kernel: str) -> None:
        """Note that a page has connected with its kernel."""
        self._lines[kernel] += 1
        self._alone.pop(kernel, None)

    def disconnect(self, kernel: str) -> None:
        """Note that a page has no connection any more."""
        self._lines[kernel] -= 1
        if not self._lines[kernel] and kernel in self._app.kernel_manager:
            self._alone[kernel] = time.monotonic(), GONE

    def forget(self, kernel: str) -> None:
        """Note that a kernel has ended, and use the room."""
        self._warm = "" if kernel == self._warm else self._warm
        self._alone.pop(kernel, None)
        self._lines.pop(kernel, None)
        self.prepare()

    async def leave(self, kernel: str) -> None:
        """End a kernel, at once: it has nothing to save, and when it ends by itself it says so in the window."""
        if kernel in self._app.kernel_manager:
            await self._app.kernel_manager.shutdown_kernel(kernel, now=True)

    async def sweep(self, patience: float = GONE) -> None:
        """End the kernels of visitors who have gone without a word, and remove the reports that were being made for them."""
        now = time.monotonic()
        for kernel, (since, kept) in list(self._alone.items()):
            if now - since > (patience if kept == GONE else kept):
                await self.leave(kernel)
        beside.sweep_scratch()

    def prepare(self) -> None:
        """Make the next page ready, where there is room for one."""
        if self._next is None and not self._closed and not self._trouble and (self._warm or not self._full()):
            self._next = self._begin()
            # Whoever comes next is told; until then nobody asks how it went.
            self._next.add_done_callback(self._prepared)

    def _prepared(self, task: asyncio.Task[Room]) -> None:
        if (
            not task.cancelled()
            and task.exception() is None
            and not (self._warm or self._warming or self._closed or self._full())
        ):
            self._warming = True
            self._starting += 1
            asyncio.get_running_loop().create_task(self._keep_warm())

    async def _keep_warm(self) -> None:
        """Start a kernel that waits for a page; without one, the next page takes longer."""
        try:
            self._warm = await self._start(warm=True)
        except Exception as error:
            print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
        finally:
            self._starting -= 1
            self._warming = False
        if self._closed:
            await self.leave(self._warm)

    def close(self) -> None:
        """Make no more."""
        self._closed = True

    def _full(self) -> bool:
        return len(self._app.kernel_manager) + self._starting >= self._most

    def _written(self) -> object:
        try:
            return (self._log / "log.json").stat().st_mtime_ns
        except OSError:
            return None

    def _begin(self) -> asyncio.Task[Room]:
        warm, self._warm = self._warm, ""
        if not warm and self._full():
            raise Full
        self._starting += not warm
        return asyncio.get_running_loop().create_task(self._make(warm))

    async def _start(self, *, warm: bool = False) -> str:
        """Start a kernel; one that is to be warm answers only when it has imported everything."""
        more = [f"--IPKernelApp.exec_lines={WARMED}"] if warm else []
        started = await self._app.kernel_manager.start_kernel(
            kernel_name="python3",
            path="",
            env=processes.environment(),
            # The kernel's remarks on its own sockets are of no use to anyone.
            extra_arguments=["--IPKernelApp.log_level=40", *more],
        )
        return str(started)

    async def _make(self, kernel: str) -> Room:
        """Draw the page, on a kernel that is warm or on a new one."""
        kernels, age, is_new = self._app.kernel_manager, self._written(), not kernel
        renderer = self._renderer()
        try:
            try:
                await renderer.initialize()
                renderer.resources["nonce"] = nonce = secrets.token_urlsafe(18)
                kernel = kernel or await self._start()
            finally:
                self._starting -= is_new
            html = await renderer.generate_content_str(kernel, kernels.get_kernel(kernel))
        except Exception as error:
            renderer.trouble = f"{type(error).__name__}: {error}"
        if renderer.trouble:
            if renderer.trouble != self._trouble:
                print(renderer.trouble, file=sys.stderr, flush=True)
            self._trouble = renderer.trouble
            await self.leave(kernel)
            raise Unusable
        self._trouble = ""
        return Room(html, kernel, nonce, age)

    def _renderer(self) -> _Renderer:
        app, configuration = self._app, self._app.voila_configuration
        return _Renderer(
            voila_configuration=configuration,
            traitlet_config=app.config,
            notebook_path=Path(app.notebook_path).name,
            template_paths=app.template_paths,
            config_manager=app.config_manager,
            contents_manager=app.contents_manager,
            base_url=app.base_url,
            kernel_spec_manager=app.kernel_spec_manager,
            page_config=get_page_config(app.base_url, app.app.settings, app.log, configuration),
        )


def _went_well(task: asyncio.Task[Room]) -> bool:
    return task.done() and not task.cancelled() and task.exception() is None
