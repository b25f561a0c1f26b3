"""Which records does the org hold, and which are new?"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from l2c.prepare.salesforce.client import Client
from l2c.prepare.salesforce.pull import Pull, written
from l2c.system.extras import need
from l2c.words.errors import L2CError, OrgTrouble
from l2c.words.notes import Note

AT_ONCE = 4
STATE = "pull.json"


@dataclass(frozen=True)
class Pulled:
    """What a pull brought.

    Attributes
    ----------
    folder
        A Parquet file per object.
    objects
        Per object: `rows` in the file, `new` ones of this pull, `missing` fields.
    absent
        Objects that the org has not, or does not show to this user.
    used, limit
        API requests of the org in the last 24 hours, and its limit.
    """

    folder: Path
    objects: Mapping[str, Mapping[str, Any]]
    absent: Sequence[str]
    instance_url: str
    when: datetime
    requests: int
    used: int | None
    limit: int | None

    def notes(self) -> list[Note]:
        """What the reader should know."""
        found = [
            Note("fields_hidden", object=name, fields=o["missing"]) for name, o in self.objects.items() if o["missing"]
        ]
        rows, objects = sum(o["new"] for o in self.objects.values()), len(self.objects)
        facts = {"rows": rows, "objects": objects, "org": self.instance_url, "requests": self.requests}
        if self.used is None or not self.limit:
            return [Note("pulled", **facts), *found]
        return [Note("pulled_within", **facts, used=self.used, limit=self.limit), *found]


def download(
    folder: str | Path,
    wanted: Mapping[str, Sequence[str]],
    *,
    ceiling: float = 0.8,
    session: Any = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Pulled:
    """Pull the records of an org into a folder, with the Bulk API 2.0; a second time only what is new.

    Parameters
    ----------
    folder
        Where the files go; a pull that was cut off goes on from its last complete page.
    wanted
        Fields of each object; those that the org does not show are passed over and told. `*c` asks for every custom field.
    ceiling
        Share of the org's daily API requests that may be used up, by anybody, before the pull stops.
    session
        A `requests.Session`, for proxies.
    sleep
        How to wait.

    Returns
    -------
    What was pulled. Deleted and archived records are among the rows (`IsDeleted`).

    Raises
    ------
    OrgTrouble
        If the org cannot be reached, refuses, or has reached the ceiling; what was pulled before stays.
    MissingExtra
        If the client is not installed.
    """
    need("salesforce", "simple_salesforce", "keyring", "tqdm")
    import requests

    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    session = requests.Session() if session is None else session
    client = Client(session, sleep, ceiling)
    client.get("limits", "limits")
    known = _state(place, client.instance_url)
    when = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    there = {
        entry["name"] for entry in client.get("sobjects", "objects").json()["sobjects"] if entry.get("queryable", True)
    }
    names = [name for name in wanted if name in there]
    found: dict[str, Mapping[str, Any]] = {}
    failed: list[L2CError] = []
    for name, told in _together(client, place, {name: wanted[name] for name in names}, known, sleep):
        if isinstance(told, L2CError):
            failed.append(told)
        else:
            found[name] = told
            known["objects"] = {**known["objects"], name: told}
            written(place / STATE, known | {"when": when.isoformat()})
    if failed:
        raise failed[0]
    absent = [name for name in wanted if name not in there]
    return Pulled(place, found, absent, client.instance_url, when, client.requests, client.used, client.limit)


def _state(place: Path, instance: str) -> dict[str, Any]:
    """What an earlier pull left; it must have been of the same org."""
    file = place / STATE
    if not file.exists():
        return {"instance_url": instance, "objects": {}}
    state: dict[str, Any] = json.loads(file.read_text("utf-8"))
    if state.get("instance_url") != instance:
        raise OrgTrouble.other_org(place, str(state.get("instance_url")), instance)
    return state


def _together(
    client: Client,
    place: Path,
    wanted: Mapping[str, Sequence[str]],
    known: Mapping[str, Any],
    sleep: Callable[[float], None],
) -> Iterable[tuple[str, Any]]:
    """Pull several objects at once; an object that fails does not stop the others."""
    from tqdm import tqdm

    with tqdm(unit=" rows", desc=f"0 of {len(wanted)} objects") as bar, ThreadPoolExecutor(AT_ONCE) as pool:

        def pull(name: str) -> Any:
            try:
                return Pull(client, place, name, wanted[name], known["objects"].get(name), sleep, bar.update).run()
            except L2CError as error:
                return error

        for done, (name, told) in enumerate(zip(wanted, pool.map(pull, wanted), strict=True), 1):
            bar.set_description(f"{done} of {len(wanted)} objects")
            yield name, told
