"""Voilà and JupyterLab, started for tests on this machine's own address and stopped again."""

import contextlib
import os
import random
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def free_port() -> int:
    """A port that nothing listens at, from those that no system gives to connections: it stays free until a server has started."""
    while True:
        port = random.SystemRandom().randrange(20_000, 30_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


@contextmanager
def running(command: list[str], address: str, out: Path, cwd: Path, **settings: str) -> Iterator[None]:
    """A server as long as it is needed; its output is kept for a failure."""
    environment = {k: v for k, v in os.environ.items() if k != "L2C_REPORT"} | settings
    with out.open("w") as written:
        server = subprocess.Popen(command, cwd=cwd, env=environment, stdout=written, stderr=subprocess.STDOUT)
        try:
            # A busy machine is slow, not wrong.
            for _ in range(3000):
                assert server.poll() is None, out.read_text()
                try:
                    urllib.request.urlopen(address, timeout=5).close()
                    break
                except urllib.error.HTTPError as answer:
                    answer.close()
                    break
                except OSError:
                    time.sleep(0.1)
            else:
                raise AssertionError(out.read_text())
            yield
        finally:
            server.terminate()
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait(5)


@contextmanager
def dashboard(log: Path, folder: Path, *options: str) -> Iterator[str]:
    """`l2c dashboard`, as a user would start it."""
    port = free_port()
    command = [sys.executable, "-m", "l2c.cli", "dashboard", str(log), "--port", str(port), "--no-browser", *options]
    with running(command, f"http://127.0.0.1:{port}/voila/static/", folder / "voila.txt", folder):
        yield f"http://127.0.0.1:{port}/"


@contextmanager
def lab(folder: Path) -> Iterator[str]:
    """JupyterLab on a folder, its application open to the test's script."""
    port = free_port()
    command = [sys.executable, "-m", "jupyterlab", str(folder), "--no-browser", f"--port={port}", "--ip=127.0.0.1"]
    command += ["--IdentityProvider.token=", "--LabApp.expose_app_in_browser=True", "--LabApp.news_url=None"]
    command += [
        "--ServerApp.allow_root=True",
        "--LabApp.collaborative=False",
        "--LabServerApp.workspaces_dir=" + str(folder),
    ]
    with running(command, f"http://127.0.0.1:{port}/api", folder / "lab.txt", folder, JUPYTER_PREFER_ENV_PATH="1"):
        yield f"http://127.0.0.1:{port}/"
