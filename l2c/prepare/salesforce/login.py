"""Who asks the org, and by which right?"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from typing import Any

from l2c.system.extras import need
from l2c.words.errors import OrgTrouble

KEYRING = "l2c"
API_VERSION = "62.0"
# Sessions, bearer tokens and signed tokens, wherever they come from.
_TOKENS = re.compile(r"00D\w{12,15}!\S+|(?<=Bearer )\S+|\beyJ[\w-]+\.[\w-]+\.[\w-]+|(?<=access_token=)[^&\s]+")
SECRETS = ("SF_CLIENT_SECRET", "SF_PRIVATE_KEY", "SF_ACCESS_TOKEN")


def connect(session: Any = None) -> Any:
    """Log in to an org, with what the environment or the keyring of the system holds.

    Parameters
    ----------
    session
        A `requests.Session`, for proxies; a new one unless given.

    Returns
    -------
    A `simple_salesforce.Salesforce`. The first way counts that is complete:

    - `SF_ACCESS_TOKEN` and `SF_INSTANCE_URL`: a session that is open already;
    - `SF_CLIENT_ID`, `SF_USERNAME` and `SF_PRIVATE_KEY_FILE` (or `SF_PRIVATE_KEY`): OAuth 2.0 JWT bearer;
    - `SF_CLIENT_ID`, `SF_CLIENT_SECRET` and `SF_INSTANCE_URL`: OAuth 2.0 client credentials;
    - the session of the Salesforce CLI (`sf org login web`), of the org `SF_TARGET_ORG` or the default one.

    Raises
    ------
    OrgTrouble
        If no way is complete, or the org refuses; the message names the way and never shows a secret.
    MissingExtra
        If the client is not installed.
    """
    need("salesforce", "simple_salesforce", "keyring")
    from simple_salesforce import Salesforce

    said = {name: _said(name) for name in _NAMES}
    common: dict[str, Any] = {"version": API_VERSION, "session": session}
    way, given = _way(said)
    if way is None:
        raise OrgTrouble.no_login(sorted(name for name in _NAMES if said[name]))
    why = ""
    try:
        return Salesforce(**common, **given)
    except Exception as error:
        why = cleaned(f"{type(error).__name__}: {error}")
    # Raised out here, so that the refusal, which may quote what was sent, hangs on to nothing.
    raise OrgTrouble.refused_login(way, why)


def _way(said: Mapping[str, str | None]) -> tuple[str | None, dict[str, Any]]:
    """The first complete way to log in, and what the client wants for it."""
    domain = _domain(said["SF_INSTANCE_URL"] or said["SF_LOGIN_URL"])
    app = {"consumer_key": said["SF_CLIENT_ID"]}
    if said["SF_ACCESS_TOKEN"] and said["SF_INSTANCE_URL"]:
        return "SF_ACCESS_TOKEN", {"session_id": said["SF_ACCESS_TOKEN"], "instance_url": said["SF_INSTANCE_URL"]}
    if said["SF_CLIENT_ID"] and said["SF_USERNAME"] and (said["SF_PRIVATE_KEY_FILE"] or said["SF_PRIVATE_KEY"]):
        key = "privatekey_file" if said["SF_PRIVATE_KEY_FILE"] else "privatekey"
        proof = {key: said["SF_PRIVATE_KEY_FILE"] or said["SF_PRIVATE_KEY"], "username": said["SF_USERNAME"]}
        return "JWT bearer", app | proof | {"domain": _domain(said["SF_LOGIN_URL"]) or "login"}
    if said["SF_CLIENT_ID"] and said["SF_CLIENT_SECRET"] and domain:
        return "client credentials", app | {"consumer_secret": said["SF_CLIENT_SECRET"], "domain": domain}
    open_already = _command_line(said["SF_TARGET_ORG"])
    return ("Salesforce CLI", open_already) if open_already else (None, {})


_NAMES = (
    "SF_ACCESS_TOKEN", "SF_INSTANCE_URL", "SF_LOGIN_URL", "SF_CLIENT_ID", "SF_CLIENT_SECRET", "SF_USERNAME",
    "SF_PRIVATE_KEY_FILE", "SF_PRIVATE_KEY", "SF_TARGET_ORG",
)  # fmt: skip


def _said(name: str) -> str | None:
    """A setting from the environment, else from the keyring of the system."""
    if os.environ.get(name):
        return os.environ[name]
    import keyring
    import keyring.errors

    try:
        return keyring.get_password(KEYRING, name)
    except (keyring.errors.KeyringError, OSError, RuntimeError):
        return None  # a machine without a keyring


def cleaned(text: str) -> str:
    """A message without what is secret, in one line."""
    for secret in filter(None, (_said(name) for name in SECRETS)):
        for part in [part for part in secret.splitlines() if len(part) >= 6]:
            text = text.replace(part, "…")
    return " ".join(_TOKENS.sub("…", text).split())[:300]


def _domain(url: str | None) -> str | None:
    """What the client wants of an address: `acme.my` of https://acme.my.salesforce.com."""
    if not url:
        return None
    return url.removeprefix("https://").removeprefix("http://").partition("/")[0].removesuffix(".salesforce.com")


def _command_line(org: str | None) -> dict[str, Any] | None:
    """The session of the Salesforce CLI, or None."""
    program = shutil.which("sf")
    if program is None:
        return None
    chosen = ["--target-org", org] if org else []
    try:
        ran = subprocess.run(
            [program, "org", "display", "--json", *chosen], capture_output=True, text=True, check=False, timeout=60
        )
        found = json.loads(ran.stdout).get("result") or {}
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    if not found.get("accessToken") or not found.get("instanceUrl"):
        return None
    return {"session_id": found["accessToken"], "instance_url": found["instanceUrl"]}
