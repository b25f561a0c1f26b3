"""Which records does the org hold, and which are new?"""

from __future__ import annotations

import io
import json
import os
import shutil
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import polars as pl

from l2c.errors import L2CError, OrgTrouble
from l2c.prepare.salesforce.client import Client
from l2c.prepare.salesforce.mapping import CUSTOM

AT_ONCE = 4
PAGE = 50_000
STATE, PAGES = "pull.json", ".pages"
# What a CSV cannot hold, and what a query may not name.
NOT_ASKED = {"address", "location", "base64", "complexvalue"}
POLL = 2.0


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

    def notes(self) -> list[str]:
        """What the reader should know, in plain sentences."""
        found = [
            f"{name}: not visible to this user or not there: {', '.join(o['missing'])}."
            for name, o in self.objects.items()
            if o["missing"]
        ]
        share = f" ({self.used:,} of {self.limit:,} in 24 hours)" if self.used is not None and self.limit else ""
        rows = sum(o["new"] for o in self.objects.values())
        told = f"{rows:,} rows of {len(self.objects)} objects pulled from {self.instance_url} with {self.requests:,} API requests{share}."
        return [told, *found]


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
    """
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
            _written(place / STATE, known | {"when": when.isoformat()})
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
                return _Pull(client, place, name, wanted[name], known["objects"].get(name), sleep, bar.update).run()
            except L2CError as error:
                return error

        for done, (name, told) in enumerate(zip(wanted, pool.map(pull, wanted), strict=True), 1):
            bar.set_description(f"{done} of {len(wanted)} objects")
            yield name, told


class _Pull:
    """The pull of one object."""

    def __init__(
        self, client: Client, place: Path, name: str, fields: Sequence[str], known: Mapping[str, Any] | None,
        sleep: Callable[[float], None], progress: Callable[[int], Any],
    ) -> None:  # fmt: skip
        self.client, self.place, self.name, self.wanted = client, place, name, fields
        self.known, self.sleep, self.progress = known, sleep, progress
        self.pages = place / PAGES / name
        self.file = place / f"{name}.parquet"

    def run(self) -> dict[str, Any]:
        fields, missing, stamp = self._described()
        earlier = self.known if self.known and self.known.get("fields") == fields and self.file.exists() else None
        since = earlier.get("stamp") if earlier else None
        where = f" WHERE {stamp} >= {since}" if since and stamp else ""
        query = f"SELECT {', '.join(fields)} FROM {self.name}{where}"
        try:
            pages = self._bulk(query)
        except OrgTrouble as error:
            if error.code not in (
                "INVALIDENTITY",
                "INVALIDJOB",
                "API_ERROR",
                "FEATURENOTENABLED",
                "INVALID_TYPE_FOR_OPERATION",
            ):
                raise
            # Some small set-up objects are not for the Bulk API.
            pages = self._rest(query, fields)
        new = pl.concat(pages, how="diagonal") if pages else pl.DataFrame(schema=dict.fromkeys(fields, pl.String))
        rows = pl.concat([pl.read_parquet(self.file), new], how="diagonal") if earlier and where else new
        rows = _newest(rows, stamp)
        beside = self.file.with_suffix(".part")
        rows.write_parquet(beside)
        os.replace(beside, self.file)
        shutil.rmtree(self.pages, ignore_errors=True)
        latest = rows[stamp].max() if stamp and rows.height else since
        return {"rows": rows.height, "new": new.height, "fields": fields, "missing": missing, "stamp": latest}

    def _described(self) -> tuple[list[str], list[str], str | None]:
        """The fields that exist and are shown, those that are not, and the field that tells what is new."""
        said = self.client.get(f"sobjects/{self.name}/describe", self.name).json()["fields"]
        there = {field["name"].casefold(): field["name"] for field in said if field.get("type") not in NOT_ASKED}
        asked = [name for name in self.wanted if name != CUSTOM]
        fields = [there[name.casefold()] for name in asked if name.casefold() in there]
        if CUSTOM in self.wanted:
            fields += [name for name in there.values() if name.endswith("__c")]
        missing = [name for name in asked if name.casefold() not in there and not name.endswith("__c")]
        stamp = next((name for name in ("SystemModstamp", "CreatedDate") if name in fields), None)
        return list(dict.fromkeys(fields)), [n for n in missing if n not in _OFTEN_ABSENT], stamp

    def _bulk(self, query: str) -> list[pl.DataFrame]:
        """All pages of a query job; those that are there already are not asked for again."""
        state = self._resumed(query)
        if state is None:
            shutil.rmtree(self.pages, ignore_errors=True)
            self.pages.mkdir(parents=True)
            asked = {
                "operation": "queryAll",
                "query": query,
                "contentType": "CSV",
                "columnDelimiter": "COMMA",
                "lineEnding": "LF",
            }
            job = self.client.call("POST", "jobs/query", self.name, json=asked).json()["id"]
            state = {"query": query, "job": job, "locator": None, "page": 0, "done": False}
            _written(self.pages / "state.json", state)
        self._complete(state["job"])
        while not state["done"]:
            frame, locator = self._page(state["job"], state["locator"])
            file = self.pages / f"{state['page']:06d}.parquet"
            frame.write_parquet(file.with_suffix(".part"))
            os.replace(file.with_suffix(".part"), file)
            # Only now does the page count: were the state written first, a cut in between would lose the page.
            state |= {"page": state["page"] + 1, "locator": locator, "done": locator is None}
            _written(self.pages / "state.json", state)
            self.progress(frame.height)
        return [pl.read_parquet(self.pages / f"{n:06d}.parquet") for n in range(state["page"])]

    def _resumed(self, query: str) -> dict[str, Any] | None:
        """Where an earlier pull of the same query stopped, if its job is still there."""
        file = self.pages / "state.json"
        if not file.exists():
            return None
        state: dict[str, Any] = json.loads(file.read_text("utf-8"))
        if state["query"] != query:
            return None
        if state["done"]:
            return state
        try:
            self.client.get(f"jobs/query/{state['job']}", self.name)
        except OrgTrouble as error:
            if error.code:
                return None  # jobs are kept for seven days
            raise
        return state

    def _complete(self, job: str) -> None:
        # At half a minute a wait this is more than a day, after which Salesforce gives up a job itself.
        for waits in range(3000):
            told = self.client.get(f"jobs/query/{job}", self.name).json()
            if told["state"] == "JobComplete":
                return
            if told["state"] in ("Failed", "Aborted"):
                raise OrgTrouble.failed_job(
                    self.name, told["state"], str(told.get("errorMessage") or "no reason given")
                )
            self.sleep(min(POLL * 1.5 ** min(waits, 10), 30.0))
        raise OrgTrouble.failed_job(self.name, "unfinished", "it took more than a day")

    def _page(self, job: str, locator: str | None) -> tuple[pl.DataFrame, str | None]:
        """One page of the results, whole: as many rows as the org says it has."""
        asked = {"maxRecords": PAGE} | ({"locator": locator} if locator else {})
        for attempt in range(4):
            response = self.client.get(f"jobs/query/{job}/results", self.name, **asked)
            try:
                frame = _table(response.content)
            except pl.exceptions.PolarsError:
                frame = pl.DataFrame()  # broken on the way
            told = response.headers.get("Sforce-NumberOfRecords")
            if (told is None and frame.width) or frame.height == int(told or -1):
                following = response.headers.get("Sforce-Locator", "null")
                return frame, None if following in ("null", "") else following
            self.sleep(2.0**attempt)
        raise OrgTrouble.short_page(self.name, frame.height, told)

    def _rest(self, query: str, fields: Sequence[str]) -> list[pl.DataFrame]:
        """All pages of a query over REST."""
        pages, path, parameters = [], "queryAll/", {"q": query}
        while path:
            told = self.client.get(path, self.name, **parameters).json()
            rows = [{name: _plain(record.get(name)) for name in fields} for record in told["records"]]
            pages.append(pl.DataFrame(rows, schema=dict.fromkeys(fields, pl.String)))
            self.progress(len(rows))
            path, parameters = (urlsplit(told["nextRecordsUrl"]).path if not told["done"] else ""), {}
        return pages


# Many orgs lack these, and nobody needs to be told.
_OFTEN_ABSENT = {
    "IsDeleted", "SystemModstamp", "LastModifiedDate", "CreatedById", "CreatedDate", "CurrencyIsoCode", "Territory2Id",
    "RecordTypeId", "OpportunityId", "OrderId", "InvoiceId", "BillingCountryCode", "CountryCode", "LastStageChangeDate", "FirstName", "LastName",
}  # fmt: skip


def _table(content: bytes) -> pl.DataFrame:
    """A page of CSV as text, with nothing where a cell is empty."""
    if not content.strip():
        return pl.DataFrame()
    frame = pl.read_csv(io.BytesIO(content), infer_schema=False, encoding="utf8")
    return frame.with_columns(pl.when(pl.all() != "").then(pl.all()))


def _plain(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None or value == "" else str(value)


def _newest(rows: pl.DataFrame, stamp: str | None) -> pl.DataFrame:
    """Each record once, as it stands now."""
    if "Id" not in rows.columns:
        return rows.unique(maintain_order=True)
    ordered = rows.sort(stamp, maintain_order=True, nulls_last=False) if stamp else rows
    return ordered.unique("Id", keep="last", maintain_order=True).sort("Id")


def _written(file: Path, facts: Mapping[str, Any]) -> None:
    """Write a small file whole or not at all."""
    beside = file.with_suffix(".part")
    beside.write_text(json.dumps(facts, indent=1), "utf-8")
    os.replace(beside, file)
