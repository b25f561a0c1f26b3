"""A local stand-in for an org: OAuth, describe, REST queries and Bulk API 2.0 queries, with faults on demand."""

from __future__ import annotations

import base64
import csv
import gzip
import io
import json
import random
import re
import threading
from collections import Counter
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import jwt
import requests
from requests.adapters import HTTPAdapter

ORG = "https://acme.my.salesforce.com"
FAULTS = ("429", "503", "limit", "reset", "cut", "expired", "short", "gzip")


class Org:
    """What the stand-in holds, and what it was asked.

    `tables`: object -> list of records (text or None). `rest_only`: objects that the Bulk API refuses. `failing`:
    object -> message of its failing job. `faults`: share of requests that go wrong.
    """

    def __init__(
        self, tables, *, page=1000, rest_only=(), failing=None, hidden=(), faults=0.0, seed=1, used=10, limit=100_000
    ):
        self.tables, self.page, self.rest_only = tables, page, set(rest_only)
        self.failing, self.hidden, self.faults = failing or {}, set(hidden), faults
        self.chance, self.lock = random.Random(seed), threading.Lock()
        self.used, self.limit = used, limit
        self.jobs, self.tokens, self.seen, self.queries = {}, set(), Counter(), []
        self.secret, self.public_key, self.stop_after = "client-secret-MARKED", None, None

    def token(self):
        with self.lock:
            self.seen["logins"] += 1
            token = f"00D!TOKEN-MARKED-{self.seen['logins']}"
            self.tokens.add(token)
        return token

    def fault(self, path):
        """Which fault the next answer has, or None."""
        with self.lock:
            if self.chance.random() >= self.faults:
                return None
            kind = self.chance.choice(FAULTS)
            if kind in ("short", "gzip", "cut") and not path.endswith("/results"):
                kind = "503"
            self.seen[kind] += 1
            return kind

    def rows(self, query):
        name = re.search(r" FROM (\w+)", query)[1]
        fields = re.search(r"SELECT (.*) FROM", query)[1].split(", ")
        since = re.search(r" WHERE (\w+) >= (\S+)", query)
        rows = [r for r in self.tables[name] if not since or (r[since[1]] or "") >= since[2]]
        return fields, [[r.get(f) for f in fields] for r in rows]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    @property
    def org(self):
        return self.server.org

    def answer(self, status, body, headers=(), kind="application/json"):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def error(self, status, code, message, headers=()):
        self.answer(status, [{"errorCode": code, "message": message}], headers)

    def do_POST(self):
        data = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path = urlsplit(self.path).path
        if path.endswith("/oauth2/token"):
            return self.login({k: v[0] for k, v in parse_qs(data.decode()).items()})
        if not self.allowed(path):
            return None
        asked = json.loads(data)
        name = re.search(r" FROM (\w+)", asked["query"])[1]
        if name in self.org.rest_only:
            return self.error(400, "INVALIDENTITY", f"Entity '{name}' is not supported by the Bulk API.")
        assert asked["operation"] == "queryAll"
        with self.org.lock:
            job = f"750{len(self.org.jobs):012d}AAA"
            self.org.jobs[job] = {"query": asked["query"], "polls": 0, "name": name}
            self.org.queries.append(asked["query"])
        return self.answer(200, {"id": job, "state": "UploadComplete", "object": name, "operation": "queryAll"})

    def login(self, form):
        org = self.org
        if form.get("grant_type") == "client_credentials":
            sent = base64.b64decode(self.headers["Authorization"].removeprefix("Basic ")).decode()
            if sent != f"client:{org.secret}":
                return self.answer(400, {"error": "invalid_client", "error_description": f"bad secret {sent}"})
        elif org.public_key is not None:
            jwt.decode(form["assertion"], org.public_key, algorithms=["RS256"], options={"verify_aud": False})
        return self.answer(200, {"access_token": org.token(), "instance_url": ORG, "id": "x", "token_type": "Bearer"})

    def allowed(self, path):
        """Answer with a fault, or let the request through."""
        org = self.org
        with org.lock:
            org.seen["requests"] += 1
            org.used += 1
            if org.stop_after is not None and org.seen["requests"] > org.stop_after:
                self.close_connection = True
                return False
        if self.headers["Authorization"].removeprefix("Bearer ") not in org.tokens:
            self.error(401, "INVALID_SESSION_ID", "Session expired or invalid")
            return False
        self.kind = org.fault(path)
        if self.kind == "429":
            self.error(429, "TOO_MANY_REQUESTS", "slow down", [("Retry-After", "1")])
        elif self.kind == "503":
            self.answer(503, b"<html>Service Unavailable</html>", kind="text/html")
        elif self.kind == "limit":
            self.error(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        elif self.kind == "reset":
            self.close_connection = True
        elif self.kind == "expired":
            with org.lock:
                org.tokens.discard(self.headers["Authorization"].removeprefix("Bearer "))
            self.error(401, "INVALID_SESSION_ID", "Session expired or invalid")
        else:
            return True
        return False

    def do_GET(self):
        url = urlsplit(self.path)
        asked = {k: v[0] for k, v in parse_qs(url.query).items()}
        if not self.allowed(url.path):
            return
        org, path = self.org, url.path
        usage = [("Sforce-Limit-Info", f"api-usage={org.used}/{org.limit}")]
        if path.endswith("/limits"):
            self.answer(200, {"DailyApiRequests": {"Max": org.limit, "Remaining": org.limit - org.used}}, usage)
        elif path.endswith("/sobjects"):
            self.answer(200, {"sobjects": [{"name": n, "queryable": True} for n in org.tables]}, usage)
        elif path.endswith("/describe"):
            name = path.split("/")[-2]
            names = dict.fromkeys(f for r in org.tables[name] for f in r)
            fields = [{"name": n, "type": "string"} for n in names if (name, n) not in org.hidden]
            self.answer(200, {"fields": [*fields, {"name": "BillingAddress", "type": "address"}]}, usage)
        elif path.endswith("/results"):
            self.results(org.jobs[path.split("/")[-2]], asked, usage)
        elif "/jobs/query/" in path:
            self.job(path.split("/")[-1], usage)
        elif path.rstrip("/").endswith("queryAll") or "/query/" in path:
            self.rest(path, asked, usage)
        else:
            self.error(404, "NOT_FOUND", "The requested resource does not exist")

    def job(self, job, usage):
        org = self.org
        if job not in org.jobs:
            self.error(404, "NOT_FOUND", "no such job")
            return
        facts = org.jobs[job]
        with org.lock:
            facts["polls"] += 1
        if facts["name"] in org.failing:
            told = {"id": job, "state": "Failed", "errorMessage": org.failing[facts["name"]]}
        else:
            told = {"id": job, "state": "JobComplete" if facts["polls"] > 1 else "InProgress"}
        self.answer(200, told, usage)

    def results(self, facts, asked, usage):
        org = self.org
        fields, rows = org.rows(facts["query"])
        start = int(asked.get("locator", "0"))
        page = rows[start : start + min(org.page, int(asked["maxRecords"]))]
        following = start + len(page)
        told = [("Sforce-NumberOfRecords", str(len(page)))]
        told.append(("Sforce-Locator", str(following) if following < len(rows) else "null"))
        if self.kind == "short":
            page = page[:-1]
        text = io.StringIO()
        writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerows([fields, *[["" if v is None else v for v in row] for row in page]])
        data = gzip.compress(text.getvalue().encode())
        if self.kind == "gzip":
            data = data[: len(data) // 2] + b"\0" * 20
        self.send_response(200)
        self.send_header("Content-Type", "text/csv")
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(data)))
        for name, value in (*told, *usage):
            self.send_header(name, value)
        self.end_headers()
        if self.kind == "cut":
            self.wfile.write(data[: len(data) // 2])
            self.close_connection = True
            return
        self.wfile.write(data)

    def rest(self, path, asked, usage):
        org = self.org
        if "q" in asked:
            with org.lock:
                org.queries.append(asked["q"])
                org.jobs[f"cursor{len(org.jobs)}"] = {"query": asked["q"], "polls": 0}
                cursor = f"cursor{len(org.jobs) - 1}"
            start = 0
        else:
            cursor, _, at = path.rsplit("/", 1)[-1].partition("-")
            start = int(at)
        fields, rows = org.rows(org.jobs[cursor]["query"])
        page = rows[start : start + org.page]
        end = start + len(page)
        told = {"totalSize": len(rows), "done": end >= len(rows)}
        told["records"] = [{"attributes": {"type": "x"}} | dict(zip(fields, row, strict=True)) for row in page]
        if end < len(rows):
            told["nextRecordsUrl"] = f"/services/data/v62.0/query/{cursor}-{end}"
        self.answer(200, told, usage)


class Loopback(HTTPAdapter):
    """Sends what is meant for Salesforce to the stand-in."""

    def __init__(self, port):
        super().__init__()
        self.port = port

    def send(self, request, **rest):
        parts = urlsplit(request.url)
        assert parts.scheme == "https" and parts.hostname.endswith(".salesforce.com"), request.url
        request.url = f"http://127.0.0.1:{self.port}{parts.path}" + (f"?{parts.query}" if parts.query else "")
        return super().send(request, **rest)


@contextmanager
def serving(org):
    """Serve an org; yields a session that reaches it under Salesforce's own addresses."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.org = org
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    session = requests.Session()
    session.trust_env = False
    session.mount("https://", Loopback(server.server_address[1]))
    try:
        yield session
    finally:
        session.close()
        server.shutdown()
        server.server_close()
        thread.join()
