"""How is one object pulled, page by page, so that a pull that is cut off goes on?"""

from __future__ import annotations

import io
import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import polars as pl

from l2c.prepare.salesforce.client import Client
from l2c.prepare.salesforce.mapping import CUSTOM
from l2c.words.errors import OrgTrouble

ROWS_A_PAGE = 50_000
PAGES = ".pages"
# What a CSV cannot hold, and what a query may not name.
NOT_ASKED = {"address", "location", "base64", "complexvalue"}
POLL = 2.0


class Pull:
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
        """Pull what is new, and return what is known of the object then."""
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
        rows = pl.concat([pl.read_parquet(self.file, glob=False), new], how="diagonal") if earlier and where else new
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
            written(self.pages / "state.json", state)
        self._complete(state["job"])
        while not state["done"]:
            frame, locator = self._page(state["job"], state["locator"])
            file = self.pages / f"{state['page']:06d}.parquet"
            frame.write_parquet(file.with_suffix(".part"))
            os.replace(file.with_suffix(".part"), file)
            # Only now does the page count: were the state written first, a cut in between would lose the page.
            state |= {"page": state["page"] + 1, "locator": locator, "done": locator is None}
            written(self.pages / "state.json", state)
            self.progress(frame.height)
        return [pl.read_parquet(self.pages / f"{n:06d}.parquet", glob=False) for n in range(state["page"])]

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
        asked = {"maxRecords": ROWS_A_PAGE} | ({"locator": locator} if locator else {})
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


def written(file: Path, facts: Mapping[str, Any]) -> None:
    """Write a small file whole or not at all."""
    beside = file.with_suffix(".part")
    beside.write_text(json.dumps(facts, indent=1), "utf-8")
    os.replace(beside, file)
