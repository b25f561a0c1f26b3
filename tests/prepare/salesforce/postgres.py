"""A PostgreSQL of the tests' own, on a socket of its own."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest


def program(name: str) -> str | None:
    """Where a program of PostgreSQL is; Debian keeps them off the path."""
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(debian[-1]) if debian else shutil.which(name)


def needed() -> None:
    """Skip where there is no PostgreSQL, unless it was promised."""
    if program("initdb") is None or program("postgres") is None:
        assert not os.environ.get("L2C_NEEDS_POSTGRES"), "PostgreSQL was promised and is not there"
        pytest.skip("PostgreSQL is not installed")


@contextlib.contextmanager
def running() -> Iterator[str]:
    """Start a server on a Unix socket; yields an address of its database `warehouse` for the user `reader`."""
    needed()
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    # PostgreSQL refuses to run as root.
    user = None
    if os.geteuid() == 0:
        names = {entry.pw_name for entry in pwd.getpwall()}
        user = "postgres" if "postgres" in names else "nobody"
        shutil.chown(folder, user)
    options = {"user": user} if user else {}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder}
    password = folder / "password"
    password.write_text("reader-secret-MARKED")
    password.chmod(0o644)
    init = [
        program("initdb"),
        "-D",
        str(folder / "data"),
        "-U",
        "reader",
        "-A",
        "scram-sha-256",
        f"--pwfile={password}",
        "-N",
    ]
    subprocess.run(init, check=True, **quiet, **options)
    server = [
        program("postgres"),
        "-D",
        str(folder / "data"),
        "-k",
        str(folder),
        "-c",
        "listen_addresses=",
        "-c",
        "fsync=off",
    ]
    process = subprocess.Popen(server, **quiet, **options)
    try:
        _made(folder)
        yield f"postgresql://reader:reader-secret-MARKED@/warehouse?host={folder}"
    finally:
        process.terminate()
        process.wait(120)
        shutil.rmtree(folder, ignore_errors=True)


def _made(folder: Path) -> None:
    """Wait for the server, and make the database."""
    import psycopg

    said = f"host={folder} user=reader password=reader-secret-MARKED dbname=postgres"
    for _ in range(1200):
        try:
            with psycopg.connect(said, autocommit=True) as connection:
                connection.execute("CREATE DATABASE warehouse")
            return
        except psycopg.OperationalError:
            time.sleep(0.1)
    raise TimeoutError("PostgreSQL did not start")
