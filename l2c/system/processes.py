"""What may a process that is started from here see, and who ends it?"""

from __future__ import annotations

import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from l2c.words.errors import NotebookFailed

# Folder of the package: nobody's data lie here. Jupyter obeys files of the folder in which it starts.
NEUTRAL = Path(__file__).parents[1]
# Time to end by itself, in seconds, before a process is killed.
GRACE = 5


def environment(**more: str) -> dict[str, str]:
    """Return the environment of a child process, in which no file of the folder it starts in is imported.

    Parameters
    ----------
    more
        Further variables.
    """
    paths = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
    # An empty entry, as in PYTHONPATH=:/mine, means the current folder.
    own = {"PYTHONPATH": os.pathsep.join(paths)} if paths else {}
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return inherited | own | {"PYTHONSAFEPATH": "1"} | more


def forget_current_folder() -> None:
    """Import nothing more from the current folder, which `python -m` puts first, unless this package lies there."""
    here = Path.cwd()
    if here != NEUTRAL.parent:
        sys.path[:] = [path for path in sys.path if path and Path(path) != here]


def hear_interrupts() -> None:
    """Let Ctrl+C wake this process while it waits for another one.

    Polars takes the signal over when it first computes something, and in a way that lets the system go on waiting; what
    Python was to do about it is done only when the wait is over.
    """
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.getsignal(signal.SIGINT))


@contextmanager
def pool(most: int) -> Iterator[ProcessPoolExecutor]:
    """Give fresh processes, which end with this one however it ends, and whatever they have started with them.

    Parameters
    ----------
    most
        How many processes.

    Raises
    ------
    NotebookFailed
        If something else has ended one of them.
    """
    hear_interrupts()
    before = dict(os.environ)
    # Fresh processes, because a copy of this one would inherit locks of the engines' threads.
    fresh = multiprocessing.get_context("spawn")
    # A spawned process gets the environment of this one, and nothing else can be handed to it.
    os.environ |= environment()
    workers = _Pool(most, mp_context=fresh, initializer=_attached)
    try:
        yield workers
    except BaseException as error:
        started = list((getattr(workers, "_processes", None) or {}).values())
        workers.shutdown(wait=False, cancel_futures=True)
        end(process.pid for process in started if process.pid)
        if isinstance(error, BrokenProcessPool):
            raise NotebookFailed.ended() from None
        raise
    finally:
        workers.shutdown()
        for name in os.environ.keys() - before.keys():
            del os.environ[name]
        os.environ |= before


class _Pool(ProcessPoolExecutor):
    """Processes that do not hear Ctrl+C, from their first moment on: it reaches every process of the terminal."""

    def submit(self, *what: Any, **more: Any) -> Any:
        """Hand over some work; a process is started for it where there is none."""
        if not hasattr(signal, "pthread_sigmask"):
            return super().submit(*what, **more)
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            return super().submit(*what, **more)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def serve(module: str, *arguments: str) -> None:
    """Run a module that serves until it ends, or until this process is to end, whose terminal it shares.

    Parameters
    ----------
    module, arguments
        As after `python -m`.

    Raises
    ------
    KeyboardInterrupt
        If this process is to end; the server has then ended, and so has all that it started.
    """
    command = [sys.executable, "-P", "-c", "from l2c.system.processes import _served; _served()", module, *arguments]
    # A session of its own: Ctrl+C is for this process, which ends the server without a word from there.
    with subprocess.Popen(
        command,
        env=environment(),
        cwd=NEUTRAL,
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as server:
        stopped = threading.Event()
        words = threading.Thread(target=_pass_on, args=[server.stderr, stopped], daemon=True)
        words.start()
        hear_interrupts()
        try:
            server.wait()
        except BaseException:
            stopped.set()
            end([server.pid])
            raise
        words.join()


def end(processes: Iterable[int] | None = None) -> None:
    """End processes and all that they have started; those that do not end by themselves are killed.

    Parameters
    ----------
    processes
        Their numbers; all that this process has started unless given.
    """
    import psutil

    found: list[psutil.Process] = []
    for number in [os.getpid()] if processes is None else processes:
        try:
            process = psutil.Process(number)
            # What they have started comes first: afterwards nobody knows whose it was.
            found += [*process.children(recursive=True), *([process] if processes is not None else [])]
        except psutil.NoSuchProcess:
            continue
    for ask in ("terminate", "kill"):
        for process in found:
            try:
                getattr(process, ask)()
            except psutil.NoSuchProcess:
                continue
        _, found = psutil.wait_procs(found, GRACE)


def _attached() -> None:
    """Tie a process of the pool to the one that started it; runs in the process of the pool."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    parent = multiprocessing.parent_process()

    def follow() -> None:
        if parent is not None:
            parent.join()
        end()
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()


def _pass_on(said: Any, stopped: threading.Event) -> None:
    for line in said:
        if not stopped.is_set():
            sys.stderr.write(line.decode("utf-8", "replace"))
            sys.stderr.flush()


def _served() -> None:
    """Run the module that the command line names, as long as the process that started this one lives."""
    held, module = sys.stdin.buffer, sys.argv[1]
    sys.argv = sys.argv[1:]

    def follow() -> None:
        # Nothing is ever written here: it ends with the process that could.
        held.read()
        end()
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()
    runpy.run_module(module, run_name="__main__", alter_sys=True)
