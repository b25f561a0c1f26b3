import base64
import json
import logging
import traceback

import polars as pl
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

import l2c
from l2c.demo import org as demo_org
from l2c.prepare.salesforce import mapping
from l2c.prepare.salesforce.org import download
from l2c.words.errors import L2CError
from tests.prepare.salesforce.server import ORG, Org, serving

TOKEN = "00D!TOKEN-MARKED-given"
WANTED = {"Opportunity": ["Id", "Name", "StageName", "IsDeleted", "SystemModstamp", "*c"], "Lead": ["Id", "Status"]}


@pytest.fixture(autouse=True)
def nobody_is_logged_in(monkeypatch):
    import keyring
    from keyring.backends import null

    for name in list(__import__("os").environ):
        if name.startswith("SF_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PATH", "/nowhere")
    before = keyring.get_keyring()
    keyring.set_keyring(null.Keyring())
    yield
    keyring.set_keyring(before)


@pytest.fixture
def logged_in(monkeypatch):
    monkeypatch.setenv("SF_ACCESS_TOKEN", TOKEN)
    monkeypatch.setenv("SF_INSTANCE_URL", ORG)


def org_of(tables, **facts):
    org = Org(tables, **facts)
    org.tokens.add(TOKEN)
    return org


def deals(n, start=0, stamp="2025-01-01T00:00:00.000Z"):
    """Records with everything a CSV can stumble over."""
    odd = ['plain, with "quotes"', "two\nlines", "", "日本語", "  spaces  ", "=1+1", None]
    return [
        {
            "Id": f"0065g{k:010d}AAA",
            "Name": odd[k % len(odd)] or None,
            "StageName": "Closed Won" if k % 2 else "Open",
            "IsDeleted": "true" if k % 11 == 0 else "false",
            "SystemModstamp": stamp,
            "Region__c": f"R{k % 5}",
        }
        for k in range(start, start + n)
    ]


def rows_of(folder, name):
    return pl.read_parquet(folder / f"{name}.parquet", glob=False).sort("Id").to_dicts()


def test_every_cell_arrives_as_the_org_holds_it(tmp_path, logged_in):
    org = org_of({"Opportunity": deals(2500), "Lead": [{"Id": "00Q000000000001AAA", "Status": "Open"}]}, page=700)
    with serving(org) as session:
        pulled = download(tmp_path, WANTED, session=session, sleep=lambda s: None)
    assert rows_of(tmp_path, "Opportunity") == deals(2500)
    assert pulled.objects["Opportunity"]["rows"] == 2500
    assert pulled.objects["Opportunity"]["fields"][-1] == "Region__c"
    assert "2,501 rows of 2 objects" in str(pulled.notes()[0])


@pytest.mark.slow("a server that fails as often as a bad line does")
def test_a_thousand_requests_with_a_tenth_of_failures_lose_nothing_and_double_nothing(tmp_path, monkeypatch):
    # A session that ends must be renewable, so this one logs in with a secret.
    monkeypatch.setenv("SF_CLIENT_ID", "client")
    monkeypatch.setenv("SF_CLIENT_SECRET", "client-secret-MARKED")
    monkeypatch.setenv("SF_INSTANCE_URL", ORG)
    tables = {f"Thing{n}__c": deals(1500, start=10_000 * n) for n in range(6)}
    org = Org(tables, page=10, faults=0.1, seed=3)
    with serving(org) as session:
        wanted = {name: ["Id", "Name", "StageName", "IsDeleted", "SystemModstamp", "*c"] for name in tables}
        pulled = download(tmp_path, wanted, session=session, sleep=lambda s: None)
    assert org.seen["requests"] >= 1000
    assert sum(org.seen[kind] for kind in ("429", "503", "limit", "reset", "cut", "expired", "short", "gzip")) >= 80
    assert all(org.seen[kind] for kind in ("429", "503", "limit", "reset", "cut", "expired", "short", "gzip"))
    for name, records in tables.items():
        assert rows_of(tmp_path, name) == records
    assert sum(o["rows"] for o in pulled.objects.values()) == 9000


def test_a_pull_that_was_cut_off_goes_on_after_its_last_page(tmp_path, logged_in):
    org = org_of({"Opportunity": deals(400)}, page=20)
    wanted = {"Opportunity": WANTED["Opportunity"]}
    org.stop_after = 12
    with serving(org) as session, pytest.raises(L2CError, match="goes on where it stopped"):
        download(tmp_path, wanted, session=session, sleep=lambda s: None)
    pages = len(list((tmp_path / ".pages" / "Opportunity").glob("*.parquet")))
    assert 3 <= pages < 20
    org.stop_after, asked = None, org.seen["requests"]
    with serving(org) as session:
        download(tmp_path, wanted, session=session, sleep=lambda s: None)
    assert rows_of(tmp_path, "Opportunity") == deals(400)
    # limits, objects, describe, and twice the job, then only the pages that were missing.
    assert org.seen["requests"] - asked == 5 + 20 - pages
    assert len(org.queries) == 1
    assert not (tmp_path / ".pages" / "Opportunity").exists()


def test_a_job_that_is_gone_is_asked_anew(tmp_path, logged_in):
    org = org_of({"Opportunity": deals(100)}, page=20)
    org.stop_after = 7
    wanted = {"Opportunity": WANTED["Opportunity"]}
    with serving(org) as session, pytest.raises(L2CError):
        download(tmp_path, wanted, session=session, sleep=lambda s: None)
    org.stop_after = None
    org.jobs.clear()
    with serving(org) as session:
        download(tmp_path, wanted, session=session, sleep=lambda s: None)
    assert rows_of(tmp_path, "Opportunity") == deals(100)


@pytest.mark.parametrize("name", ["records", "org[12]", "org*"])
def test_a_refresh_asks_for_what_is_new_and_keeps_the_rest(tmp_path, logged_in, name):
    # The name of the folder is no pattern; were it one, it would mean this one.
    (tmp_path / "org1").mkdir()
    tmp_path /= name
    wanted = {"Opportunity": WANTED["Opportunity"]}
    org = org_of({"Opportunity": deals(50)})
    with serving(org) as session:
        download(tmp_path, wanted, session=session, sleep=lambda s: None)
        changed = deals(5, start=0, stamp="2025-02-01T00:00:00.000Z")
        changed[0]["IsDeleted"] = "true"
        org.tables["Opportunity"] = changed + deals(45, start=5) + deals(3, start=100, stamp="2025-02-02T00:00:00.000Z")
        pulled = download(tmp_path, wanted, session=session, sleep=lambda s: None)
    assert org.queries[-1].endswith("WHERE SystemModstamp >= 2025-01-01T00:00:00.000Z")
    assert rows_of(tmp_path, "Opportunity") == org.tables["Opportunity"]
    assert pulled.objects["Opportunity"]["stamp"] == "2025-02-02T00:00:00.000Z"
    # Another field is wanted now: what stands there lacks it, so everything is asked for again.
    with serving(org) as session:
        download(tmp_path, {"Opportunity": ["Id", "SystemModstamp"]}, session=session, sleep=lambda s: None)
    assert "WHERE" not in org.queries[-1]


def test_fields_and_objects_that_are_not_there_are_told(tmp_path, logged_in):
    org = org_of({"Opportunity": deals(3)}, hidden={("Opportunity", "StageName")})
    with serving(org) as session:
        pulled = download(tmp_path, WANTED, session=session, sleep=lambda s: None)
    assert pulled.absent == ["Lead"]
    assert pulled.objects["Opportunity"]["missing"] == ["StageName"]
    assert "Opportunity: not visible to this user or not there: StageName." in map(str, pulled.notes())


def test_objects_that_bulk_refuses_come_over_rest(tmp_path, logged_in):
    stages = [{"Id": f"01J{n:012d}AAA", "MasterLabel": f"Stage {n}", "IsWon": n == 7} for n in range(12)]
    org = org_of({"OpportunityStage": stages}, rest_only={"OpportunityStage"}, page=5)
    with serving(org) as session:
        download(tmp_path, {"OpportunityStage": ["Id", "MasterLabel", "IsWon"]}, session=session, sleep=lambda s: None)
    found = rows_of(tmp_path, "OpportunityStage")
    assert [r["MasterLabel"] for r in found] == [f"Stage {n}" for n in range(12)]
    assert [r["IsWon"] for r in found] == ["true" if n == 7 else "false" for n in range(12)]


def test_a_failed_job_names_the_object_and_what_salesforce_said_and_keeps_the_others(tmp_path, logged_in):
    org = org_of({"Opportunity": deals(5), "Lead": [{"Id": "00Q1", "Status": "x"}]}, failing={"Lead": "No such column"})
    with serving(org) as session, pytest.raises(L2CError, match="query of Lead as Failed: No such column"):
        download(tmp_path, WANTED, session=session, sleep=lambda s: None)
    assert rows_of(tmp_path, "Opportunity") == deals(5)


def test_the_ceiling_of_api_requests_is_kept(tmp_path, logged_in):
    org = org_of({"Opportunity": deals(500)}, page=10, used=790, limit=1000)
    with serving(org) as session, pytest.raises(L2CError, match="800 of its 1,000 API requests"):
        download(tmp_path, {"Opportunity": WANTED["Opportunity"]}, session=session, sleep=lambda s: None)
    assert org.used <= 800


def test_another_org_does_not_land_in_the_same_folder(tmp_path, logged_in, monkeypatch):
    org = org_of({"Opportunity": deals(2)})
    with serving(org) as session:
        download(tmp_path, WANTED, session=session, sleep=lambda s: None)
        monkeypatch.setenv("SF_INSTANCE_URL", "https://other.my.salesforce.com")
        with pytest.raises(L2CError, match="Name another folder"):
            download(tmp_path, WANTED, session=session, sleep=lambda s: None)


def test_a_key_logs_in_with_a_signature_the_org_can_check(tmp_path, monkeypatch):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    file = tmp_path / "key.pem"
    file.write_bytes(key.private_bytes(*form))
    monkeypatch.setenv("SF_CLIENT_ID", "client")
    monkeypatch.setenv("SF_USERNAME", "reader@acme.com")
    monkeypatch.setenv("SF_PRIVATE_KEY_FILE", str(file))
    org = Org({"Opportunity": deals(2)})
    org.public_key = key.public_key()
    with serving(org) as session:
        download(tmp_path / "records", WANTED, session=session, sleep=lambda s: None)
    assert len(rows_of(tmp_path / "records", "Opportunity")) == 2


def test_secrets_may_stand_in_the_keyring_of_the_system(tmp_path):
    import keyring
    from keyring.backend import KeyringBackend

    class Held(KeyringBackend):
        priority = 1

        def get_password(self, service, name):
            held = {"SF_CLIENT_ID": "client", "SF_CLIENT_SECRET": "client-secret-MARKED", "SF_INSTANCE_URL": ORG}
            return held.get(name) if service == "l2c" else None

        def set_password(self, service, name, secret):
            raise NotImplementedError

    keyring.set_keyring(Held())
    with serving(Org({"Opportunity": deals(3)})) as session:
        pulled = download(tmp_path, WANTED, session=session, sleep=lambda s: None)
    assert pulled.objects["Opportunity"]["rows"] == 3


def test_without_a_login_the_message_says_which_there_are(tmp_path):
    with pytest.raises(L2CError, match="sf org login web") as caught:
        download(tmp_path, WANTED)
    assert len(str(caught.value).split(". ")) <= 2


@pytest.mark.parametrize("trouble", ["none", "wrong secret", "expired", "failed job"])
def test_no_secret_reaches_any_output(tmp_path, monkeypatch, capfd, caplog, trouble):
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("SF_CLIENT_ID", "client")
    secret = "another-secret-MARKED" if trouble == "wrong secret" else "client-secret-MARKED"
    monkeypatch.setenv("SF_CLIENT_SECRET", secret)
    monkeypatch.setenv("SF_INSTANCE_URL", ORG)
    if trouble == "expired":
        monkeypatch.setenv("SF_ACCESS_TOKEN", TOKEN)
    org = Org({"Opportunity": deals(50)}, failing={"Opportunity": "bad"} if trouble == "failed job" else {})
    if trouble == "wrong secret":
        org.secret = "something else"
    told = ""
    with serving(org) as session:
        try:
            download(tmp_path, WANTED, session=session, sleep=lambda s: None)
        except Exception as error:
            told = "".join(traceback.format_exception(error)) + repr(error.__context__) + repr(error.__cause__)
    assert bool(told) == (trouble in ("expired", "failed job", "wrong secret"))
    out, err = capfd.readouterr()
    files = "".join(p.read_bytes().decode("latin-1") for p in tmp_path.rglob("*") if p.is_file())
    everything = told + out + err + caplog.text + files
    assert "MARKED" not in everything
    assert base64.b64encode(f"client:{secret}".encode()).decode() not in everything


def test_a_whole_org_becomes_the_log_that_its_export_becomes(tmp_path, logged_in, monkeypatch):
    frames = demo_org.objects(150)
    org = org_of({name: frame.to_dicts() for name, frame in frames.items()}, page=300, rest_only={"OpportunityStage"})
    monkeypatch.chdir(tmp_path)
    with serving(org) as session:
        monkeypatch.setattr("requests.Session", lambda: session)
        log = l2c.read("salesforce:records")
    direct = l2c.read(frames)
    assert (log.n_cases, log.n_events) == (direct.n_cases, direct.n_events)
    assert log.quality.objects["rows"].sum() == direct.quality.objects["rows"].sum()
    assert "pulled from https://acme.my.salesforce.com" in str(log.quality.notes[0])
    state = json.loads((tmp_path / "records" / "pull.json").read_text())
    assert state["objects"]["Opportunity"]["rows"] == frames["Opportunity"].height
    assert set(state["objects"]) <= set(mapping.wanted(mapping.load()))
