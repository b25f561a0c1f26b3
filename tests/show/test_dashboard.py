"""The dashboard as a visitor meets it: Voilà, a browser, and nothing from elsewhere."""

import json
import re
import socket
import urllib.error
import urllib.request
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from urllib.parse import quote

import numpy as np
import pytest

import l2c
from l2c import diagnose, discover, improve, monitor, show
from l2c.cli import main
from l2c.dashboard.serving import is_own
from l2c.show.charts import rows
from l2c.show.filters import as_html, bundle
from tests import servers
from tests.browser import page, patient
from tests.logs import demo

pytestmark = pytest.mark.browser
WAIT = 200_000
DRAWN = "n => +document.querySelector('.l2c-map').dataset.drawn > n"


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    return demo(1500).save(tmp_path_factory.mktemp("dashboard") / "log")


@pytest.fixture(scope="module")
def log(saved):
    return l2c.open(saved)


@pytest.fixture(scope="module")
def address(saved, tmp_path_factory):
    with servers.dashboard(saved, tmp_path_factory.mktemp("voila")) as address:
        yield address


@contextmanager
def visit(address, where=None, **options):
    """The dashboard, open on one of its pages; at the end nothing was asked of anyone else, and nothing failed."""
    with page(1360, 900, local=True, **options) as (tab, asked):
        tab.goto(address)
        tab.wait_for_selector(".l2c-head", timeout=WAIT)
        turn(tab, where or "process")
        yield tab
        assert asked == []


@pytest.fixture(scope="module")
def only(address):
    """One visitor for all tests that leave the page as they found it: a kernel of its own costs ten seconds."""
    with visit(address) as tab:
        yield tab


@pytest.fixture
def tab(only):
    """The one page, on Process and with all cases, whatever was tried on it before."""
    everything(only)
    turn(only, "process")
    return only


def everything(tab):
    """Take all conditions away."""
    button = tab.locator(".l2c-panel button", has_text="All cases")
    if button.count():
        button.click()
        tab.wait_for_function("() => !document.querySelector('.l2c-panel .chip')", timeout=WAIT)


def slid(tab, name, value):
    """Move a slider of the map, and wait for what it shows; where it stands there already, nothing is drawn anew."""
    if tab.evaluate("name => +document.querySelector(`.l2c-map input[aria-label=${name}]`).value", name) != value:
        with redrawn(tab):
            tab.evaluate(
                "([name, value]) => {const i = document.querySelector(`.l2c-map input[aria-label=${name}]`);"
                "i.value = value; i.dispatchEvent(new Event('input'))}",
                [name, value],
            )


def turn(tab, id):
    tab.locator(f".l2c-head [data-page={id}]").click()
    tab.wait_for_function(f"document.querySelector('.l2c-head [data-page={id}]').ariaSelected === 'true'")
    if id == "process":
        tab.wait_for_selector(".l2c-map .node", timeout=WAIT)
        tab.wait_for_selector(".l2c-variants .row", timeout=WAIT)


def calm(tab):
    """Wait until the kernel has heard all that was done, and nothing is being worked out nor dimmed."""
    answers(tab)
    tab.wait_for_timeout(150)
    tab.wait_for_function(
        "document.querySelector('.l2c-head .busy').hidden && !document.querySelector('.l2c-page .l2c-stale')",
        timeout=WAIT,
    )


# Sends the kernel messages of these types, then asks it who it is, and returns the types of all that it said until it answered:
# one after the other is what it does.
ASK = """(types) => new Promise((done) => {
    const at = JSON.parse(document.getElementById('jupyter-config-data').textContent);
    const socket = new WebSocket(`ws://${location.host}/api/kernels/${at.kernelId}/channels?session_id=x`,
        ['v1.kernel.websocket.jupyter.org']);
    socket.binaryType = 'arraybuffer';
    const seen = [];
    const message = (type, content) => {
        const header = {msg_id: type, msg_type: type, session: 'x', username: '', version: '5.3',
            date: new Date().toISOString()};
        const parts = ['shell', JSON.stringify(header), '{}', '{}', JSON.stringify(content)];
        const places = [8 * (parts.length + 2)];
        for (const part of parts) places.push(places.at(-1) + part.length);
        const numbers = new BigUint64Array([places.length, ...places].map(BigInt));
        return new Blob([numbers, ...parts]);
    };
    const end = () => (socket.close(), done(seen));
    socket.onmessage = (event) => {
        const place = (k) => Number(new BigUint64Array(event.data.slice(8 * k, 8 * k + 8))[0]);
        const part = (k) => JSON.parse(new TextDecoder().decode(event.data.slice(place(k), place(k + 1))));
        if (part(3).msg_id) seen.push(part(2).msg_type);
        if (part(2).msg_type === 'kernel_info_reply' && part(3).msg_id) end();
    };
    socket.onopen = () => {
        for (const type of types) socket.send(message(type, {code: 'print(1)', silent: false, store_history: false,
            user_expressions: {}, allow_stdin: false, stop_on_error: false}));
        socket.send(message('kernel_info_request', {}));
    };
    socket.onerror = () => done(['refused']);
})"""


def answers(tab, *types):
    return tab.evaluate(ASK, list(types))


def drawn(tab):
    return int(tab.evaluate("document.querySelector('.l2c-map').dataset.drawn"))


@contextmanager
def redrawn(tab):
    """Do something, and wait until the map shows it."""
    before = drawn(tab)
    yield
    tab.wait_for_function(DRAWN, arg=before, timeout=WAIT)


def counted(tab):
    """Cases in sight, as panel and map say; both say the same."""
    said = {each.inner_text() for each in tab.locator(".l2c-live .count").all()}
    assert len(said) == 1, said
    return int(said.pop().split(" of ")[0].replace(",", ""))


def tick(tab, word, value):
    tab.locator(f".l2c-panel input[data-word={word}][data-value='{json.dumps(value)}']").click()


def test_what_stands_out_is_kept_put_aside_and_leads_to_its_cases(tab, saved):
    everything(tab)
    turn(tab, "overview")
    cards = tab.locator(".l2c-standouts .card")
    tab.wait_for_selector(".l2c-standouts .card", timeout=2 * WAIT)
    id, title = cards.first.get_attribute("data-id"), cards.first.locator("h3").inner_text()
    cards.first.locator("[data-act=show]").click()
    tab.wait_for_selector(".l2c-drawer tbody tr", timeout=WAIT)
    said = tab.locator(".l2c-drawer .bar b").inner_text()
    assert said.startswith(title)
    tab.locator(".l2c-drawer .close").click()
    tab.wait_for_function("() => !document.querySelector('.l2c-drawer')", timeout=WAIT)
    cards.first.locator("[data-act=keep]").click()
    tab.wait_for_selector(".l2c-standouts .card.kept", timeout=WAIT)
    other = cards.nth(1).get_attribute("data-id")
    cards.nth(1).locator("[data-act=dismiss]").click()
    tab.locator(".l2c-standouts .reason .by").fill("Mia")
    tab.locator(".l2c-standouts .reason input").first.fill("known")
    tab.keyboard.press("Enter")
    tab.wait_for_function(
        'id => !document.querySelector(`.l2c-standouts .cards [data-id="${CSS.escape(id)}"]`)', arg=other
    )
    judged = {each.id: (each.verdict, each.reason, each.by) for each in improve.register(saved).findings}
    assert judged == {id: ("kept", "", ""), other: ("dismissed", "known", "Mia")}
    # Typed once, it is there the next time.
    cards.nth(1).locator("[data-act=dismiss]").click()
    assert tab.locator(".l2c-standouts .reason .by").input_value() == "Mia"


def test_a_bar_leads_to_its_cases_and_a_quick_pick_to_its_period(tab, log):
    turn(tab, "time")
    tab.wait_for_selector(".l2c-card .row[data-where]", timeout=WAIT)
    row = tab.locator(".l2c-card .row[data-where]").first
    step = json.loads(row.get_attribute("data-where"))[0]["value"]
    row.click()
    tab.get_by_role("menuitem", name="Only these cases", exact=True).click()
    tab.wait_for_selector(".l2c-panel .chip", timeout=WAIT)
    assert counted(tab) == log.where(follows=tuple(step)).n_cases
    # While the new is worked out the old stays, dimmed.
    assert tab.locator(".l2c-card .row").count()
    everything(tab)
    pick = tab.locator(".l2c-panel .picks button").nth(2)
    pick.click()
    tab.wait_for_selector(".l2c-panel .picks button[aria-pressed=true]", timeout=WAIT)
    assert counted(tab) == log.where(opened=pick.get_attribute("data-value")).n_cases


def test_what_is_old_is_dimmed_until_the_new_is_drawn(tab, log):
    for id in ("deals", "rules", "deals"):
        turn(tab, id)
        calm(tab)
        tab.evaluate(
            """() => {
                window.dimmed = new Set();
                new MutationObserver(all => all.forEach(({ target }) => {
                    if (target.matches('.l2c-page .l2c-stale')) window.dimmed.add(target);
                })).observe(document.body, { subtree: true, attributes: true, attributeFilter: ['class'] });
            }"""
        )
        tick(tab, "region", log.distinct("region")[0])
        tab.wait_for_function("() => window.dimmed.size >= 2", timeout=WAIT)
        calm(tab)


SAME_TEXT = """([card, html]) => {
    const other = document.createElement("div");
    other.innerHTML = html;
    return document.querySelector(`${card} .paper`).textContent === other.textContent;
}"""


def test_after_ten_quick_clicks_a_page_shows_the_last_choice(tab, log):
    made = {
        "rules": lambda log: show.compliance(diagnose.behind(diagnose.compliance(log), log)),
        "deals": lambda log: show.funnel(discover.funnel(log)),
    }
    for id, make in made.items():
        everything(tab)
        turn(tab, id)
        calm(tab)
        chosen = {word: log.distinct(word)[:2] for word in ("region", "product", "segment")}
        clicks = [(word, value) for word, values in chosen.items() for value in values]
        # Two of them twice: ticked and taken back.
        for word, value in [*clicks, *clicks[2:4], *clicks[2:4]]:
            box = f".l2c-panel input[data-word={word}][data-value='{json.dumps(value)}']"
            tab.evaluate("box => document.querySelector(box).click()", box)
        calm(tab)
        tab.wait_for_selector(".l2c-page .l2c-stale", state="detached", timeout=WAIT)
        last = log.where(**chosen)
        assert int(tab.locator(".l2c-panel .count").inner_text().split(" of ")[0].replace(",", "")) == last.n_cases
        html = as_html(bundle(rows.either(lambda make=make, last=last: make(last)), "en"))
        assert tab.evaluate(SAME_TEXT, [f".l2c-part-{id}-1", html])


def test_filters_give_the_numbers_of_the_library(tab, log):
    region, rep = log.distinct("region")[0], log.distinct("rep")[0]
    assert counted(tab) == log.n_cases
    with redrawn(tab):
        tick(tab, "region", region)
    assert counted(tab) == log.where(region=region).n_cases
    with redrawn(tab):
        tick(tab, "outcome", "won")
    chosen = log.where(region=region, outcome="won")
    assert counted(tab) == chosen.n_cases
    flow = discover.flow(chosen)
    step = flow[(flow["from"] == "Quote Sent") & (flow["to"] == "Quote Accepted")].iloc[0]
    said = tab.locator('.l2c-map .edge[data-id="Quote Sent>Quote Accepted"]').get_attribute("aria-label")
    assert f"{step['cases']:,} cases" in said
    # Each of the lists says what another choice would leave.
    for row in tab.locator(".l2c-panel input[data-word=product]").all():
        value = json.loads(row.get_attribute("data-value"))
        n = int(row.locator("xpath=..").locator(".n").inner_text().replace(",", ""))
        assert n == chosen.where(product=value).n_cases
    with redrawn(tab):
        tab.locator(".l2c-panel button", has_text="All cases").click()
    assert counted(tab) == log.n_cases
    tab.locator(".l2c-panel summary", has_text="Sales Rep").click()
    tab.locator(".l2c-panel details[data-word=rep] input[type=search]").fill(rep)
    with redrawn(tab):
        tick(tab, "rep", rep)
    assert counted(tab) == log.where(rep=rep).n_cases


def test_what_is_shown_stands_in_the_address_and_an_address_is_shown(tab, log):
    """Filters, page and map in what follows the #; *back*; a sentence on what it does not know; a question in words."""
    region, other = log.distinct("region")[:2]
    chosen, named = (log.where(region=each).n_cases for each in (region, other))
    with redrawn(tab):
        tick(tab, "region", region)
    tab.wait_for_function("() => decodeURIComponent(location.hash).includes('where.region=')")
    # Whoever gets a link that somebody made by hand.
    wanted = quote(json.dumps([other]))
    with redrawn(tab):
        tab.evaluate(
            f"location.hash = 'page=process&map.metric=median_days&where.region={wanted}&where.rep=[%22Nobody%22]&x=<b>'"
        )
    tab.wait_for_function("() => document.querySelector('.l2c-map select').value === 'median_days'")
    assert counted(tab) == named
    tab.wait_for_function("() => document.querySelector('.l2c-tray .line').innerText.includes('people')", timeout=WAIT)
    said = tab.locator(".l2c-tray .line").inner_text()
    assert "people" in said and "Nobody" not in said and "<b>" not in said
    # What was left out does not stay in the address.
    tab.wait_for_function("() => !decodeURIComponent(location.hash).includes('x=')")
    with redrawn(tab):
        tab.go_back()
    tab.wait_for_function(
        "n => document.querySelector('.l2c-panel .count').innerText.startsWith(n)", arg=f"{chosen:,} of"
    )
    tab.wait_for_function("() => document.querySelector('.l2c-map select').value === 'cases'")
    # By keyboard alone: ask, choose, and save what answers.
    ask = tab.locator(".l2c-tray [role=combobox]")
    ask.focus()
    tab.keyboard.type("which way do deals take")
    tab.wait_for_function("() => document.querySelector('.l2c-tray [role=option]')?.innerText.includes('Which ways')")
    tab.keyboard.press("ArrowDown")
    assert ask.get_attribute("aria-activedescendant") == tab.locator(".l2c-tray [role=option]").first.get_attribute(
        "id"
    )
    tab.keyboard.press("Enter")
    tab.wait_for_selector(".l2c-variants", timeout=WAIT)
    tab.wait_for_function(
        "() => !!document.activeElement.querySelector?.(':scope .l2c-variants') || !!document.activeElement.closest('.l2c-found')"
    )
    part = tab.locator("[class*=l2c-part-process-2]")
    part.locator(".l2c-take").focus()
    tab.keyboard.press("Enter")
    with tab.expect_download() as download:
        tab.keyboard.press("Enter")
    assert download.value.path().read_text("utf-8-sig").startswith("Variant,Trace")
    tab.evaluate("location.hash = 'page=process'")
    tab.wait_for_function(
        "n => document.querySelector('.l2c-panel .count').innerText.startsWith(n)", arg=f"{log.n_cases:,} of"
    )


def test_ranges_of_amounts_and_dates(tab, log):
    with redrawn(tab):
        tab.locator(".l2c-panel input[data-word=amount][data-end=low]").fill("20000")
        tab.keyboard.press("Enter")
    assert counted(tab) == log.where(amount=(20000, None)).n_cases
    with redrawn(tab):
        tab.locator(".l2c-panel input[data-word=opened][data-end=high]").fill("2025-03-31")
        tab.keyboard.press("Enter")
    assert counted(tab) == log.where(amount=(20000, None), opened=(None, "2025-03-31")).n_cases


def test_sliders_and_metrics_show_the_still_map(tab, log):
    flow = discover.flow(log)
    order = discover.activity_order(flow)
    for name, key, value in (("Activities", "activities", 0.6), ("Paths", "paths", 0.2), ("Paths", "paths", 1.0)):
        with redrawn(tab):
            tab.evaluate(
                "([name, value]) => {const i = document.querySelector(`.l2c-map input[aria-label=${name}]`);"
                "i.value = value * 100; i.dispatchEvent(new Event('input'))}",
                [name, value],
            )
        shares = {"activities": 0.6, key: value}
        still = show.process_map(flow, order=order, **shares)
        seen = {each.get_attribute("data-id") for each in tab.locator(".l2c-map .edge").all()}
        assert seen == {f"{e['source']}>{e['target']}" for e in still.spec["edges"]}
    for metric in ("events", "median_days", "mean_days", "p90_days", "total_days", "amount", "cases"):
        with redrawn(tab):
            tab.locator(".l2c-map select").first.select_option(metric)
        labels = tab.locator(".l2c-map .label text").all_text_contents()
        measured = discover.flow(log, amounts=metric == "amount")
        still = show.process_map(measured, activities=0.6, paths=1.0, metric=metric, order=order, currency=log.currency)
        assert sorted(labels) == sorted(e["label"] for e in still.spec["edges"])


def test_a_click_on_a_path_and_an_activity_narrows_the_cases(tab, log):
    # Whatever was tried before, every path is there.
    for name in ("Activities", "Paths"):
        slid(tab, name, 100)
    tab.wait_for_selector('.l2c-map .edge[data-id="Quote Sent>Quote Revised"]', timeout=WAIT)
    tab.locator(".l2c-map .find").fill("Quote Sent")
    tab.locator('.l2c-map .node[data-id="Quote Sent"]').click()
    with redrawn(tab):
        tab.get_by_role("menuitem", name="Cases through it").click()
    assert counted(tab) == log.where(includes="Quote Sent").n_cases
    edge = tab.locator('.l2c-map .edge[data-id="Quote Sent>Quote Revised"]')
    edge.focus()
    tab.keyboard.press("Enter")
    tab.keyboard.press("ArrowDown")
    with redrawn(tab):
        tab.keyboard.press("Enter")
    step = ("Quote Sent", "Quote Revised")
    assert counted(tab) == log.where(includes="Quote Sent", not_follows=step).n_cases
    assert tab.locator(".l2c-map .chip").all_inner_texts() == [
        "with Quote Sent\n×",
        "never Quote Sent → Quote Revised\n×",
    ]
    with redrawn(tab):
        tab.locator(".l2c-map .chip button").first.click()
    assert counted(tab) == log.where(not_follows=step).n_cases
    with redrawn(tab):
        tab.locator(".l2c-map button", has_text="Undo").click()
    assert counted(tab) == log.where(includes="Quote Sent", not_follows=step).n_cases


def test_the_keyboard_reaches_every_part_of_the_map(tab):
    tab.locator(".l2c-map .paper").focus()
    tab.keyboard.press("ArrowDown")
    seen = [tab.evaluate("document.activeElement.dataset.id")]
    for _ in range(6):
        tab.keyboard.press("ArrowDown")
        seen.append(tab.evaluate("document.activeElement.dataset.id"))
    assert len(set(seen)) == 7
    tab.keyboard.press("Enter")
    assert tab.evaluate("document.activeElement.getAttribute('role')") == "menuitem"
    tab.keyboard.press("Escape")
    assert tab.locator(".l2c-map .menu").count() == 0
    # A chip that is taken away by the keyboard leaves the focus where the work goes on.
    for region in ("DACH", "UK"):
        with redrawn(tab):
            tick(tab, "region", region)
    tab.locator(".l2c-map .chip button").focus()
    with redrawn(tab):
        tab.keyboard.press("Enter")
    assert tab.evaluate("document.activeElement.closest('.l2c-map .chips') !== null")


def test_the_replay_moves_the_cases(tab):
    tab.locator(".l2c-map .play").click()
    tab.wait_for_function("+document.querySelector('.l2c-map').dataset.dots > 0", timeout=WAIT)
    dates, frames = [], []
    for _ in range(3):
        dates.append(tab.locator(".l2c-map .date").inner_text())
        frames.append(tab.evaluate("document.querySelector('.l2c-map .dots').toDataURL()"))
        # A full machine draws few frames a second.
        tab.wait_for_function(
            """([date, frame]) => document.querySelector('.l2c-map .date').innerText !== date
                && document.querySelector('.l2c-map .dots').toDataURL() !== frame""",
            arg=[dates[-1], frames[-1]], timeout=WAIT,
        )  # fmt: skip
    assert sorted(set(dates)) == dates
    assert len(set(frames)) == 3
    # The scrubber goes to a moment; the colours say which region.
    tab.locator(".l2c-map .play").click()
    tab.locator(".l2c-map .replay select").nth(1).select_option("region")
    tab.wait_for_function("document.querySelectorAll('.l2c-map .legend i').length > 2", timeout=WAIT)
    before = tab.locator(".l2c-map .date").inner_text()
    tab.evaluate("const i=document.querySelector('.l2c-map .scrub'); i.value=900; i.dispatchEvent(new Event('input'))")
    assert tab.locator(".l2c-map .date").inner_text() > before


def test_what_is_seen_is_saved(tab):
    with tab.expect_download() as download:
        tab.locator(".l2c-map button", has_text="SVG").click()
    text = download.value.path().read_text()
    assert "Lead Created" in text and "<script" not in text
    fills = set(re.findall(r'fill="([^"]+)"', text))
    assert any(fill.startswith("rgb") for fill in fills)
    with tab.expect_download() as download:
        tab.locator(".l2c-map button", has_text="PNG").click()
    assert download.value.path().read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"


def test_ticked_paths_filter(tab, log):
    ids = [int(each.get_attribute("data-value")) for each in tab.locator(".l2c-variants input").all()[:2]]
    for known in ids:
        with redrawn(tab):
            tab.locator(f".l2c-variants input[data-value='{known}']").click()
    assert counted(tab) == log.where(variant=ids).n_cases


@contextmanager
def another(tab, address, where="process", **options):
    """A second visitor, in a browser of their own."""
    context = tab.context.browser.new_context(viewport={"width": 1360, "height": 900}, **options)
    context.set_default_timeout(WAIT)
    other = patient(context.new_page())
    other.goto(address)
    other.wait_for_selector(".l2c-head", timeout=WAIT)
    turn(other, where)
    yield other
    context.close()


@pytest.mark.slow("several kernels at once")
def test_visitors_keep_their_own_filters(tab, address, log):
    own = [(word, value) for word in ("region", "product") for value in log.distinct(word)[:1]]
    with ExitStack() as others:
        tabs = [tab, *(others.enter_context(another(tab, address)) for _ in own[1:])]
        # All of them choose at once, then each sees the cases of their own choice.
        for tab, choice in zip(tabs, own, strict=True):
            tick(tab, *choice)
        for tab, (word, value) in zip(tabs, own, strict=True):
            wanted = f"{log.where(**{word: value}).n_cases:,} of {log.n_cases:,} cases"
            tab.wait_for_function(
                "text => document.querySelector('.l2c-panel .count').textContent === text", arg=wanted
            )


@pytest.mark.parametrize("host", ["127.0.0.1", "no.such.host.invalid"])
def test_an_address_that_cannot_be_had_is_told(saved, host, capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["dashboard", str(saved), "--host", host, "--port", str(port), "--no-browser"]) == 1
    assert f"{host}:{port}: it is in use" in capsys.readouterr().err


def test_light_and_dark(tab):
    colour = "getComputedStyle(document.querySelector('.l2c-map .box')).backgroundColor"
    button, seen = tab.locator(".l2c-head button[aria-label='Light or dark']"), {}
    for theme in ("light", "dark"):
        turn(tab, "process")
        tab.wait_for_function("theme => document.querySelector('.l2c-map').dataset.theme === theme", arg=theme)
        # Charts, which are pictures, change with the rest: their paper is the ground of the card.
        seen[theme] = tab.evaluate(colour)
        turn(tab, "rules")
        tab.wait_for_selector(".l2c-card .l2c-rows", timeout=WAIT)
        seen[theme] += " " + str(common(pixels(tab.locator(".l2c-card").first.screenshot())))
        button.click()
    assert seen == {"light": "rgb(255, 255, 255) (255, 255, 255)", "dark": "rgb(17, 25, 39) (17, 25, 39)"}


def pixels(png):
    import io

    import matplotlib.image

    return (matplotlib.image.imread(io.BytesIO(png))[:, :, :3] * 255).round().astype(int).reshape(-1, 3)


def common(colours):
    values, counts = np.unique(colours, axis=0, return_counts=True)
    return tuple(values[counts.argmax()].tolist())


def test_the_cases_behind_a_rule_are_a_click_away(tab, log):
    broken = diagnose.verdicts(log)
    rule = broken["rule"].value_counts().index[0]
    wanted = broken.loc[broken["rule"] == rule, "case_id"]
    turn(tab, "rules")
    tab.locator(".l2c-cases select").select_option(rule)
    tab.wait_for_function("n => document.querySelectorAll('.l2c-cases tbody tr').length === n", arg=len(wanted))
    tab.locator(f".l2c-cases [data-case='{wanted.iloc[0]}']").first.click()
    tab.wait_for_selector(".l2c-cases .detail li", timeout=WAIT)
    said = tab.locator(".l2c-cases .detail").inner_text()
    for activity, n in discover.timeline(log, wanted.iloc[0])["activity"].value_counts().items():
        assert said.count(activity) >= n


def test_a_lever_that_is_moved_is_answered(tab):
    turn(tab, "improve")
    tab.wait_for_selector(".l2c-levers tbody tr", timeout=WAIT)
    assert tab.locator(".l2c-levers .verdict strong").inner_text().startswith("This model may be")
    lever = tab.locator(".l2c-levers input[type=range]").first
    lever.focus()
    for _ in range(6):
        tab.keyboard.press("ArrowRight")
    assert lever.get_attribute("aria-valuetext") == "30 % less"
    tab.wait_for_selector(".l2c-levers td.range i", timeout=WAIT)
    assert "takes 30 % less time" in tab.locator(".l2c-levers .answer").inner_text()
    with tab.expect_download() as download:
        tab.locator(".l2c-levers [data-act=save]").click()
    assert "share: 0.3" in download.value.path().read_text()
    # Of fewer cases nothing can be told, and the page ends there.
    tab.locator(".l2c-panel input[data-word=opened][data-end=high]").fill("2024-08-15")
    tab.keyboard.press("Enter")
    tab.wait_for_selector(".l2c-levers .verdict[data-word=no]", timeout=WAIT)
    assert "Too few cases to tell" in tab.locator(".l2c-levers .verdict").inner_text()
    assert tab.locator(".l2c-levers .body").is_hidden()


def test_the_outcomes_of_a_day_are_those_of_the_cases_in_sight(tab, log):
    turn(tab, "watch")
    tab.wait_for_selector(".l2c-outcomes .picture svg", timeout=WAIT)
    day, region = f"{log.extracted - timedelta(days=200):%Y-%m-%d}", log.distinct("region")[0]
    tab.locator(".l2c-outcomes input[type=date]").fill(day)
    tab.wait_for_selector(".l2c-outcomes .picture li", timeout=WAIT)
    tick(tab, "region", region)
    chosen = log.where(region=region)
    tab.wait_for_function(
        "text => document.querySelector('.l2c-outcomes .count').innerText.startsWith(text)",
        arg=f"{chosen.n_cases:,} of {log.n_cases:,}", timeout=WAIT,
    )  # fmt: skip
    said = show.verdicts(monitor.outcomes(chosen, day)).text.splitlines()
    tab.wait_for_function(
        """said => {
            const items = [...document.querySelectorAll('.l2c-outcomes .picture li')];
            return JSON.stringify(items.map(each => each.innerText)) === JSON.stringify(said);
        }""", arg=said, timeout=WAIT,
    )  # fmt: skip


@pytest.mark.slow("axe on every page in a browser")
def test_no_serious_barrier_for_assistive_technology(tab):
    from axe_playwright_python.sync_playwright import Axe

    pages = tab.locator(".l2c-head [data-page]").evaluate_all("all => all.map(each => each.dataset.page)")
    for names in (pages, ("time", "process")):
        # All of them light, and two of them dark.
        for name in names:
            turn(tab, name)
            calm(tab)
            # What is dimmed is not meant to be read.
            found = Axe().run(tab).response["violations"]
            serious = [v for v in found if v["impact"] in ("serious", "critical")]
            assert serious == [], (name, [(v["id"], [n["html"][:200] for n in v["nodes"]][:3]) for v in serious])
        tab.locator(".l2c-head button[aria-label='Light or dark']").click()


def get(address, path):
    try:
        with urllib.request.urlopen(address + path) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


@pytest.mark.parametrize(
    "path",
    [
        "voila/files/dashboard.ipynb",
        "voila/files/01_template.ipynb",
        "voila/files/../pyproject.toml",
        "voila/files/out/log/cases.parquet",
        "voila/files//etc/passwd",
        "voila/render/01_template.ipynb",
        "voila/tree/",
        "api/contents/",
        "api/contents/dashboard.ipynb",
        "files/dashboard.ipynb",
        "voila/static/../../../../../etc/passwd",
        "voila/templates/../../../../etc/passwd",
    ],
)
def test_no_file_and_no_other_notebook_is_served(address, path):
    status, body = get(address, path)
    assert status >= 400 and b"root:" not in body and b"nbformat" not in body, (status, body[:200])


def test_the_page_holds_no_source(tab):
    text = tab.content()
    assert "L2C_DASHBOARD_LOG" not in text and "import l2c" not in text


def test_a_visitor_cannot_run_code(tab):
    """A message that asks the kernel to execute is dropped: nothing answers, and nothing is written."""
    seen = answers(tab, "execute_request")
    assert not {"execute_reply", "execute_input", "stream"} & set(seen), seen
    # The way itself is open: what is allowed is answered.
    assert "kernel_info_reply" in seen


def test_only_names_of_this_machine_are_answered(address):
    asked = urllib.request.Request(address, headers={"Host": "evil.example:8866"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(asked)
    with refused.value as error:
        assert error.code == 403


@pytest.mark.parametrize(
    ("host", "own"),
    [("127.0.0.1", True), ("localhost", True), ("::1", True), ("0.0.0.0", False), ("me.example", False)],
)
def test_which_addresses_are_this_machines_own(host, own):
    assert is_own(host) is own
