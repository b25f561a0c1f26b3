"""A headless Chromium for tests that look at pages as a reader does."""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

# A busy machine is slow, not wrong.
WAIT = 200_000
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str:
    """Path of the browser; skips where there is none, fails where one was promised."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None and os.environ.get("L2C_NEEDS_BROWSER"):
        pytest.fail("Chromium was promised (L2C_NEEDS_BROWSER) and is not here")
    if found is None:
        pytest.skip("needs Chromium; .ci/run installs it")
    return found


@contextmanager
def page(width: int = 1100, height: int = 900, *, local: bool = False, **context_options: Any) -> Iterator[Any]:
    """A page without a network, or with this machine only, and the list of everything else it asked for."""
    from playwright.sync_api import expect, sync_playwright

    asked: list[str] = []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium(), args=FLAGS)
        size = {"width": width, "height": height}
        context = browser.new_context(viewport=size, offline=not local, **context_options)
        context.set_default_timeout(WAIT)
        expect.set_options(timeout=WAIT)
        tab = patient(context.new_page())
        own = ("file:", "data:", *(("blob:", "http://127.0.0.1:", "ws://127.0.0.1:") if local else ()))
        tab.on("request", lambda r: None if r.url.startswith(own) else asked.append(r.url))
        tab.on("console", lambda m: asked.append(f"console: {m.text}") if m.type == "error" else None)
        tab.on("pageerror", lambda e: asked.append(f"error: {e}"))
        try:
            yield tab, asked
        finally:
            browser.close()


def patient(tab: Any) -> Any:
    """A page whose `wait_for_function` asks from outside, since pages that forbid eval forbid it to Playwright too."""

    def wait(expression: str, *, arg: Any = None, timeout: float = WAIT) -> None:
        end = time.monotonic() + timeout / 1000
        while not tab.evaluate(expression, arg):
            assert time.monotonic() < end, f"It never came true: {expression}"
            tab.wait_for_timeout(50)

    tab.wait_for_function = wait
    return tab
