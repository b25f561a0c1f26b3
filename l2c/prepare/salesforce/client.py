"""How is an org asked, politely, and until it answers?"""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Callable
from typing import Any

from l2c.prepare.salesforce.login import cleaned, connect
from l2c.words.errors import OrgTrouble

TRIES = 8
BUSY = {429, 500, 502, 503, 504}
# Salesforce answers with 403 or 400 here, though waiting helps.
WAIT = {"REQUEST_LIMIT_EXCEEDED", "SERVER_UNAVAILABLE", "UNABLE_TO_LOCK_ROW", "CONCURRENT_REQUEST_LIMIT_EXCEEDED"}
LONGEST_PAUSE = 60.0


class Client:
    """Asks an org over one session; several threads may use it.

    Attributes
    ----------
    used, limit
        API requests of the last 24 hours, and how many the org may have; None until it has told.
    requests
        How many this client has made.
    """

    def __init__(self, session: Any, sleep: Callable[[float], None], ceiling: float) -> None:
        self._org = connect(session)
        self._session, self._sleep, self._ceiling = session, sleep, ceiling
        self._lock = threading.Lock()
        self._chance = random.Random(0)
        self.used: int | None = None
        self.limit: int | None = None
        self.requests = 0

    @property
    def instance_url(self) -> str:
        """Address of the org."""
        return f"https://{self._org.sf_instance}"

    def get(self, path: str, what: str, **parameters: Any) -> Any:
        """Ask for something; see `call`."""
        return self.call("GET", path, what, params=parameters or None)

    def call(self, method: str, path: str, what: str, **arguments: Any) -> Any:
        """Make a request, again and again while waiting may help.

        Parameters
        ----------
        path
            Below the versioned REST address, or from the root where it begins with a slash.
        what
            The object that is asked for, for messages.

        Returns
        -------
        The response, with a status below 300.

        Raises
        ------
        OrgTrouble
            If the org refuses for good, does not answer after several tries, or its ceiling of requests is reached.
        """
        import requests

        why = ""
        for attempt in range(TRIES):
            self._below_ceiling()
            token = self._org.session_id
            url = f"{self.instance_url}{path}" if path.startswith("/") else f"{self._org.base_url}{path}"
            headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": "gzip"}
            try:
                with self._lock:
                    self.requests += 1
                response = self._org.session.request(method, url, headers=headers, timeout=(15, 180), **arguments)
            except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError) as error:
                why = cleaned(type(error).__name__)
                self._wait(attempt, None)
                continue
            except requests.exceptions.ContentDecodingError:
                why = "the answer broke off"
                self._wait(attempt, None)
                continue
            self._count(response)
            if response.status_code < 300:
                return response
            code, why = _trouble(response)
            if response.status_code == 401:
                self._renew(token, why)
            elif response.status_code in BUSY or code in WAIT:
                self._wait(attempt, response.headers.get("Retry-After"))
            else:
                raise OrgTrouble.answered(what, why, code)
        raise OrgTrouble.gave_up(what, TRIES, why)

    def _renew(self, token: str, why: str) -> None:
        """Log in again, once for a session that ran out, whichever thread notices first."""
        with self._lock:
            if self._org.session_id != token:
                return
            fresh = connect(self._session)
            if fresh.session_id == token:
                raise OrgTrouble.expired(why)
            self._org = fresh

    def _wait(self, attempt: int, said: str | None) -> None:
        seconds = min(LONGEST_PAUSE, 2.0**attempt) * (0.5 + self._chance.random() / 2)
        if said is not None and re.fullmatch(r"\d+", said):
            seconds = max(seconds, min(float(said), 15 * LONGEST_PAUSE))
        self._sleep(seconds)

    def _count(self, response: Any) -> None:
        told = re.search(r"api-usage=(\d+)/(\d+)", response.headers.get("Sforce-Limit-Info", ""))
        if told:
            self.used, self.limit = int(told[1]), int(told[2])

    def _below_ceiling(self) -> None:
        if self.used is not None and self.limit and self.used >= self._ceiling * self.limit:
            raise OrgTrouble.ceiling(self.used, self.limit, self._ceiling)


def _trouble(response: Any) -> tuple[str, str]:
    """Salesforce's code and message; errors come as a list of one, as one, or as a page of some proxy."""
    try:
        said = response.json()
    except ValueError:
        return "", f"status {response.status_code}"
    first = said[0] if isinstance(said, list) and said else said
    if not isinstance(first, dict):
        return "", f"status {response.status_code}"
    code = str(first.get("errorCode") or first.get("error") or "")
    return code, cleaned(str(first.get("message") or first.get("error_description") or code))
