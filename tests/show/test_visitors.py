"""What a visitor, another site's page and a hostile program get from the dashboard: the page, a sentence, or nothing."""

import functools
import http.server
import json
import os
import re
import shutil
import struct
import threading
import time
import urllib.error
import urllib.request
import webbrowser
from contextlib import contextmanager

import psutil
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from l2c.dashboard.serving import _opening
from l2c.dashboard.visitors import WIRE, is_message
from l2c.show import csp
from l2c.words import phrases
from tests import servers
from tests.browser import page
from tests.logs import demo

WAIT = 200_000
MOST = 3
# With nobody there: one with its page, and one that is warm.
AHEAD = 2


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    return demo(200).save(tmp_path_factory.mktemp("visitors") / "log")


@pytest.fixture(scope="module")
def address(saved, tmp_path_factory):
    with servers.dashboard(saved, tmp_path_factory.mktemp("server"), "--visitors", str(MOST)) as address:
        until(lambda: kernels(address) == AHEAD)
        yield address


def get(address, path="", **headers):
    """Status, body and headers of an answer; redirections are followed, as a browser does."""
    asked = urllib.request.Request(address + path, headers={k.replace("_", "-"): v for k, v in headers.items()})
    try:
        with urllib.request.urlopen(asked, timeout=120) as answer:
            return answer.status, answer.read().decode(), answer.headers
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode(), error.headers


def kernels(address):
    """How many kernels the server at an address has."""
    port = address.rstrip("/").rpartition(":")[2]
    (server,) = [each for each in psutil.Process().children() if port in command(each)]
    return sum("ipykernel_launcher" in command(each) for each in server.children())


def command(process):
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def until(true, seconds=200):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it never came about"
        time.sleep(0.1)


@contextmanager
def visit(address, path=""):
    """The id of the kernel behind a page, which is closed at the end."""
    status, body, _ = get(address, path)
    assert status == 200, body
    kernel = json.loads(re.search(r'id="jupyter-config-data"[^>]*>(.*?)</script>', body, re.S)[1])["kernelId"]
    try:
        yield kernel
    finally:
        leave(address, kernel)


def leave(address, kernel):
    urllib.request.urlopen(urllib.request.Request(f"{address}voila/api/shutdown/{kernel}", b""), timeout=120).close()


def header(kind):
    return {"msg_id": "1", "msg_type": kind, "session": "x", "username": "", "version": "5.3", "date": "2026-01-01"}


def message(kind, channel=b"shell", content=b"{}"):
    """A message as JupyterLab writes it."""
    parts = [channel, json.dumps(header(kind)).encode(), b"{}", b"{}", content]
    places = [8 * (len(parts) + 2)]
    for part in parts:
        places.append(places[-1] + len(part))
    return b"".join([len(places).to_bytes(8, "little"), *(place.to_bytes(8, "little") for place in places), *parts])


def changed(place, value):
    """A message with another number in one place."""
    good = message("kernel_info_request")
    return good[: 8 * place] + value.to_bytes(8, "little") + good[8 * place + 8 :]


HOSTILE = [
    b"",
    b"\x00" * 8,
    b"\xff" * 8,
    b"\xff\xff\xff\xff\xff\xff\xff\x0f" + b"\x00" * 4096,
    # The older form: four bytes of a count, then so many places.
    struct.pack("!I", 2**31 - 1) + b"\x00" * 64,
    struct.pack("!iII", 1, 8, 8) + b"{}",
    changed(0, 2**40),
    changed(0, 5),
    changed(1, 2**63),
    changed(2, 2**40),
    changed(6, 1),
    message("kernel_info_request", b"iopub"),
    message("kernel_info_request")[:-1],
    message("kernel_info_request") + b"{}",
    message("comm_msg").replace(b'"msg_type": "comm_msg"', b'"msg_type": ["comm_"]'),
    message("comm_msg").replace(b'{"msg_id"', b'["msg_id"'),
    b"[" * 100_000,
    "text",
    '{"channel": "shell"}',
]


@pytest.mark.parametrize("sent", HOSTILE, ids=range(len(HOSTILE)))
def test_what_says_of_itself_what_cannot_be_is_no_message(sent):
    assert isinstance(sent, str) or not is_message(sent)


def test_what_jupyterlab_writes_is_a_message():
    assert is_message(message("comm_msg")) and is_message(message("comm_msg", b"control"))


def test_a_hostile_message_ends_its_connection_and_hangs_nobody(address):
    with visit(address) as kernel:
        where = f"{address.replace('http', 'ws')}api/kernels/{kernel}/channels?session_id=x"
        for offered in (None, ["older"]):
            with pytest.raises(InvalidStatus) as refused:
                connect(where, subprotocols=offered)
            assert refused.value.response.status_code == 400
        for sent in HOSTILE:
            with connect(where, subprotocols=[WIRE]) as socket:
                socket.send(sent)
                with pytest.raises(ConnectionClosed):
                    while True:
                        socket.recv(timeout=90)
            assert get(address, "voila/static/voila.js")[0] == 200
        # Another visitor gets the page.
        with visit(address):
            pass


def test_the_kernel_answers_what_it_may_and_tells_no_error(address):
    with visit(address) as kernel:
        where = f"{address.replace('http', 'ws')}api/kernels/{kernel}/channels?session_id=x"
        with connect(where, subprotocols=[WIRE]) as socket:
            # A comm without what belongs to it is an error in the kernel, which writes a traceback.
            socket.send(message("comm_msg", content=b'{"comm_id": 3}'))
            socket.send(message("comm_open", content=b'{"comm_id": "x", "target_name": "no.such", "data": 1}'))
            socket.send(message("kernel_info_request"))
            heard = []
            while not any(b"kernel_info_reply" in each for each in heard):
                heard.append(socket.recv(timeout=120))
        assert not any(b"Traceback" in each or b'"stream"' in each for each in heard)


@pytest.fixture(scope="module")
def pages(address):
    """Three pages as those get them who may, with words in the address that nobody needs: each costs the server a kernel."""
    given = [
        ("?theme=%22%3E%3Cscript%3Emarked%3C/script%3E", {"Sec_Fetch_Site": "none"}),
        ("?template=reveal&theme=marked", {"Sec_Fetch_Site": "same-origin"}),
        ("?marked=1", {"Referer": address}),
    ]
    found = []
    for path, headers in given:
        found.append(get(address, path, **headers))
        leave(address, re.search(r'"kernelId": "([\w-]+)"', found[-1][1])[1])
    return found


def test_who_asks_for_it_gets_it(pages):
    assert [status for status, *_ in pages] == [200, 200, 200]


def test_no_word_of_the_address_gets_into_the_page(pages):
    for _, body, _ in pages:
        assert "marked" not in body and "reveal" not in body


def test_each_page_has_marks_of_its_own(pages):
    seen = []
    for _, body, headers in pages:
        (mark,) = re.findall(r"'nonce-([\w-]{20,})'", headers["Content-Security-Policy"])
        scripts = re.findall(r"<script(?![^>]*json)([^>]*)>", body)
        assert len(scripts) == 4
        assert all(f'nonce="{mark}"' in each or 'src="/voila/' in each for each in scripts)
        seen.append(mark)
    assert len(set(seen)) == 3


def test_a_name_cannot_add_to_the_policy():
    assert "evil" not in csp.dashboard("x", "evil; script-src *")
    assert "ws://[::1]:8866" in csp.dashboard("x", "[::1]:8866")


@pytest.mark.browser
def test_no_script_but_the_pages_own_runs(address):
    tried = """async (foreign) => {
        const script = (set) => { const s = document.createElement('script'); set(s); document.body.append(s); };
        script((s) => { s.textContent = 'window.inline = 1'; });
        script((s) => { s.src = foreign; });
        script((s) => { s.src = 'data:text/javascript,window.data = 1'; });
        const image = document.createElement('div');
        image.innerHTML = '<img src="data:," onerror="window.handler = 1">';
        document.body.append(image);
        try { await import(foreign); } catch {}
        try { eval('window.evaluated = 1'); } catch {}
        try { await fetch(foreign); window.fetched = 1; } catch {}
        await new Promise((done) => setTimeout(done, 500));
        return ['inline', 'foreign', 'data', 'handler', 'evaluated', 'fetched'].filter((name) => name in window);
    }"""
    with other_site() as (site, asked), page(1360, 900, local=True) as (tab, _):
        hostile = "%22%3E%3Cscript%3Ewindow.inline=1%3C/script%3E"
        tab.goto(f"{address}?theme={hostile}&template={hostile}")
        tab.wait_for_selector(".l2c-page .l2c-card", timeout=WAIT)
        assert tab.evaluate(tried, f"{site}foreign.js") == []
        assert asked == []
        assert "inline=1" not in tab.content()
        # A browser that is killed says no good-bye.
        tab.goto("about:blank")


@contextmanager
def other_site(body=b"window.foreign = 1"):
    """Another server, and what was asked of it."""
    asked = []

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "text/html" if body.startswith(b"<") else "text/javascript")
            self.send_header("Access-Control-Allow-Origin", "*")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=functools.partial(server.serve_forever, 0.05), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/", asked
        finally:
            server.shutdown()


def test_as_many_kernels_as_there_may_be_and_then_a_sentence(address):
    bodies = []
    while (got := get(address))[0] == 200:
        bodies.append(got[1])
        assert len(bodies) <= MOST and kernels(address) <= MOST
    try:
        assert len(bodies) == MOST
        status, body, headers = got
        assert status == 503 and headers["Retry-After"]
        assert phrases.say("visitor.full", "en") in body and "<script" not in body
        assert kernels(address) <= MOST
        # Who has gone without a word makes room for who is at the door; whose line was down for a moment stays.
        gone = re.search(r'"kernelId": "([\w-]+)"', bodies.pop())[1]
        with connect(f"{address.replace('http', 'ws')}api/kernels/{gone}/channels?session_id=x", subprotocols=[WIRE]):
            pass
        assert get(address)[0] == 503
        time.sleep(10)
        asked = []
        until(lambda: asked.append(get(address)) or asked[-1][0] == 200)
        bodies.append(asked[-1][1])
        assert kernels(address) <= MOST
    finally:
        for body in bodies:
            leave(address, re.search(r'"kernelId": "([\w-]+)"', body)[1])
    # Those who have left make room.
    with visit(address):
        pass


def test_what_another_site_asks_for_starts_no_kernel(address):
    until(lambda: kernels(address) == AHEAD)
    for headers in (
        {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Dest": "image"},
        {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document"},
        {"Sec_Fetch_Site": "same-site", "Sec_Fetch_Dest": "iframe"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Referer": "http://evil.example/page"},
        # Another server of this machine is another site.
        {"Referer": "http://127.0.0.1:1/page"},
    ):
        status, body, _ = get(address, **headers)
        assert status == 403 and "jupyter-config-data" not in body, headers
        assert phrases.say("visitor.open", "en") in body
    time.sleep(1.5)
    assert kernels(address) == AHEAD


@pytest.mark.browser
def test_a_page_of_another_site_starts_no_kernel_and_a_click_of_ones_own_does(address):
    until(lambda: kernels(address) == AHEAD)
    html = f'<img src="{address}"><iframe src="{address}"></iframe><a href="{address}">go</a>'.encode()
    with other_site(html) as (site, _), page(1360, 900, local=True) as (tab, _):
        tab.goto(site)
        tab.wait_for_timeout(2000)
        assert kernels(address) == AHEAD
        tab.locator("a").click()
        tab.wait_for_selector("text=" + phrases.say("visitor.elsewhere", "en"))
        tab.locator("a").click()
        tab.wait_for_selector(".l2c-head", timeout=WAIT)
        tab.goto("about:blank")


@pytest.mark.parametrize(
    "path",
    ["nothing", "voila/query/0-0-0-0-0", "voila/files/x", "voila/templates/x", "voila/templates/a/b/c", "api/kernels"],
)
def test_what_is_not_there_is_told_in_a_sentence(address, path):
    status, body, _ = get(address, path)
    assert status == 404 and "Traceback" not in body and "Error" not in body


@pytest.mark.parametrize("path", ["api/kernels/0-0-0-0-0", "voila/api/shutdown/0-0-0-0-0"])
def test_a_kernel_that_is_not_there_is_no_failure(address, path):
    asked = urllib.request.Request(address + path, b"" if "shutdown" in path else None)
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(asked)
    with refused.value as error:
        assert error.code == 404 and b"Traceback" not in error.read()


@pytest.fixture(scope="module")
def guarded(saved, tmp_path_factory):
    """A dashboard that others may see, with its token."""
    folder = tmp_path_factory.mktemp("guarded")
    shutil.copytree(saved, folder / "log")
    with servers.dashboard(folder / "log", folder, "--host", "0.0.0.0", "--lang", "ja") as address:
        yield address, re.search(r"\?token=([\w-]{20,})", (folder / "voila.txt").read_text())[1], folder


@pytest.mark.browser
def test_in_japanese_nothing_is_left_in_english_and_who_leaves_takes_the_kernel_along(guarded):
    address, token, folder = guarded
    until(lambda: kernels(address) == AHEAD)
    with page(1360, 900, local=True) as (tab, _):
        tab.goto(f"{address}?token={token}")
        tab.locator(".l2c-head [data-page=process]").click()
        for made in (".l2c-map .node", ".l2c-variants .row"):
            tab.wait_for_selector(made, timeout=WAIT)
        assert "見積提示" in tab.locator(".l2c-map .paper").text_content()
        shown = " ".join(tab.locator(".l2c-live").all_inner_texts())
        assert not re.search(r"\b(cases|Play|Compare|Region|Filters|Started|events)\b", shown)
        until(lambda: kernels(address) > AHEAD)
        tab.goto("about:blank")
        until(lambda: kernels(address) == AHEAD)
    assert "403 POST" not in (folder / "voila.txt").read_text()


@pytest.mark.parametrize(
    "path",
    [
        "",
        "nothing",
        "voila/render/dashboard.ipynb",
        "voila/tree",
        "voila/query/0-0-0-0-0",
        "voila/files/dashboard.ipynb",
        "voila/labextensions/anywidget/package.json",
        "voila/api/themes/x",
        "voila/api/contents",
        "voila/execution/0-0-0-0-0",
        "api/kernels",
        "api/kernels/0-0-0-0-0",
        "api/kernels/0-0-0-0-0/channels",
        "api/contents",
    ],
)
def test_nothing_but_still_files_is_answered_without_the_token(guarded, path):
    address, *_ = guarded
    for given in ("", "?token=wrong", "?token="):
        status, body, _ = get(address, path + given)
        assert status in (401, 403, 400), (status, body[:200])
        assert "jupyter-config-data" not in body and "Traceback" not in body


@pytest.mark.parametrize("path", ["voila/query/0-0-0-0-0", "api/kernels/0-0-0-0-0/channels"])
def test_no_websocket_opens_without_the_token(guarded, path):
    with pytest.raises(InvalidStatus) as refused:
        connect(guarded[0].replace("http", "ws") + path, subprotocols=[WIRE])
    assert refused.value.response.status_code in (302, 401, 403, 404)


def test_the_cookie_is_for_this_site_alone(guarded):
    address, token, _ = guarded
    _, body, headers = get(address, f"?token={token}", Sec_Fetch_Site="cross-site")
    # Who has the token was invited, from wherever the link was.
    leave_with(address, token, body)
    (cookie,) = [each for each in headers.get_all("Set-Cookie") if each.startswith("username")]
    assert "SameSite=Strict" in cookie and "HttpOnly" in cookie
    assert headers["Referrer-Policy"] == "same-origin"


def leave_with(address, token, body):
    kernel = re.search(r'"kernelId": "([\w-]+)"', body)[1]
    urllib.request.urlopen(
        urllib.request.Request(f"{address}voila/api/shutdown/{kernel}?token={token}", b""), timeout=120
    ).close()


def test_the_token_is_in_no_command_line(tmp_path, monkeypatch):
    opened = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    _opening("http://localhost:8866/", tmp_path).run()
    _opening("http://0.0.0.0:8866/?token=secret", tmp_path).run()
    local, held = opened
    assert local == "http://localhost:8866/" and "secret" not in held
    (page,) = tmp_path.iterdir()
    assert "http://localhost:8866/?token=secret" in page.read_text("utf-8")
    assert os.name == "nt" or page.stat().st_mode & 0o077 == 0


@pytest.mark.browser
def test_the_token_can_be_typed(guarded):
    address, token, _ = guarded
    with page(1360, 900, local=True) as (tab, _):
        tab.goto(address)
        assert phrases.say("visitor.token", "ja") in tab.inner_text("body")
        tab.locator("input[type=password]").fill("wrong")
        tab.locator("button").click()
        tab.locator("input[type=password]").fill(token)
        tab.locator("button").click()
        tab.wait_for_selector(".l2c-head", timeout=WAIT)
        tab.wait_for_selector(".l2c-page .l2c-card", timeout=WAIT)


def test_a_log_that_has_gone_is_told_in_a_sentence(guarded):
    address, token, folder = guarded
    (folder / "log").rename(folder / "away")
    for _ in range(2):
        status, body, _ = get(address, f"?token={token}")
        assert status == 500 and phrases.say("visitor.unusable", "ja") in body
        assert "Traceback" not in body and str(folder) not in body
    # Who started it reads why, once.
    said = (folder / "voila.txt").read_text()
    assert "Traceback" not in said and len(said.splitlines()) == 2 and str(folder / "log") in said
    (folder / "away").rename(folder / "log")
    status, body, _ = get(address, f"?token={token}")
    assert status == 200
    leave_with(address, token, body)
    # A file that is damaged is told likewise.
    (folder / "log" / "log.json").write_text("{")
    status, body, _ = get(address, f"?token={token}")
    assert status == 500 and "Traceback" not in body
    assert "Traceback" not in (folder / "voila.txt").read_text()
