import base64
import random
import re
import shutil
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path

import nbformat
import papermill
import pytest
import yaml

import l2c
from l2c import diagnose, improve, monitor, report
from l2c.diagnose.rules import files
from l2c.measures.behind import unpacked
from l2c.prepare.pseudonyms import handed, pseudonyms
from l2c.report.beside import beside
from l2c.show.behind import MOST_BYTES, weight
from l2c.words.errors import BadAlerts, BadRules, NotebookFailed, UnreadableLog
from tests import browser, canary, report_by_eye
from tests.logs import from_text

PAGES = ["index.html", *(f"{name}.html" for name in report.SERIES[1:])]


@pytest.fixture(scope="module")
def demo_report(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    report.report(l2c.demo(400), folder, lang="en")
    return folder


CLIENTS = {"zeta": ["zetaco"], "koto": ["琴株式会社"]}


@pytest.fixture(scope="module")
def clients(tmp_path_factory):
    """The reports of two clients: of one by region, of the other a whole one in Japanese of half of the cases."""
    folder = tmp_path_factory.mktemp("clients")
    logs = {}
    for name, (word,) in CLIENTS.items():
        (folder / f"{name}.csv").write_text(client(word), "utf-8")
        logs[name] = l2c.read(folder / f"{name}.csv")
    with pytest.MonkeyPatch.context() as patch:
        # Every page is made of a part of one of them; of the other those that show most of a log.
        patch.setattr(report, "SERIES", ("report", "04b_deals"))
        report.reports(logs["zeta"], folder / "out" / "zeta", "region", where={"region": ["Northmark", "Southmark"]})
    report.report(logs["koto"], folder / "out" / "koto", lang="ja", where={"region": "Southmark"})
    return folder


@pytest.fixture(scope="module")
def japanese_report(clients):
    return clients / "out" / "koto"


@pytest.fixture(scope="module")
def eyes(demo_report):
    """What a reader sees of each page, on a screen, a phone and paper."""
    return report_by_eye.report(demo_report, PAGES)


@pytest.mark.slow("the whole report in a browser, as a director opens it and prints it")
def test_the_first_page_is_one_sheet_and_a_screen_and_a_half(eyes):
    first = eyes["index.html"]
    assert (first.pages, first.pixels <= 1200, first.words <= 400) == (1, True, True), first


def test_the_whole_report_is_read_in_25_screens_and_printed_on_25_sheets(eyes):
    assert sum(page.screens for page in eyes.values()) <= 25
    assert sum(page.pages for page in eyes.values()) <= 25


def test_everything_can_be_read_on_a_phone_and_every_picture_says_what_it_shows(eyes):
    assert {name: (page.letters, page.smallest) for name, page in eyes.items() if page.letters < 9} == {}
    assert {name: page.unnamed for name, page in eyes.items() if page.unnamed} == {}
    assert [name for name, page in eyes.items() if page.wider or page.asked] == []
    assert {name: page.cut for name, page in eyes.items() if page.cut} == {}


def test_on_paper_no_heading_stands_alone_nothing_is_cut_and_each_sheet_says_whose_it_is(eyes):
    assert {name: page.alone for name, page in eyes.items() if page.alone} == {}
    assert {name: page.cut_on_paper for name, page in eyes.items() if page.cut_on_paper} == {}
    assert {name: page.unsigned for name, page in eyes.items() if page.unsigned} == {}


def test_a_japanese_page_is_read_on_a_phone_and_printed_as_well(japanese_report):
    pages = report_by_eye.report(japanese_report, ["index.html", "04c_money_and_rules.html"])
    for page in pages.values():
        assert page.letters >= 9, page
        assert page.unnamed == page.alone == page.cut_on_paper == page.unsigned == ()


def test_what_is_seen_would_be_noticed(tmp_path):
    """The measuring eye on a page that has each fault: the bars above would fail on it."""
    drawn = '<svg xmlns="http://www.w3.org/2000/svg" width="900" height="90" viewBox="0 0 900 90"><text y="30" font-size="12">Small</text></svg>'
    packed = base64.b64encode(drawn.encode()).decode()
    wide = "".join(f"<td style='white-space:nowrap'>column {n} of many</td>" for n in range(30))
    (tmp_path / "page.html").write_text(
        "<style>@page{size:A4}h2{margin-top:900px}p{margin:0}</style><header><b>Acme</b></header><main style='width:100%'><h1>All</h1><p>x</p>"
        f"<div style='overflow-x:auto'><table><tr>{wide}</tr></table></div><h2>Alone</h2>"
        f"<img style='max-width:100%;break-inside:avoid' src='data:image/svg+xml;base64,{packed}'>"
        "<div style='height:300px;break-inside:avoid'>end</div></main>", "utf-8",
    )  # fmt: skip
    (page,) = report_by_eye.report(tmp_path, ["page.html"]).values()
    assert page.letters < 5.2 and page.smallest == "Small"
    assert page.unnamed == ("img after Alone",) and len(page.cut) == 2 and len(page.cut_on_paper) == 1
    assert page.unsigned == tuple(range(1, page.pages + 1)) and page.words == 2 + 1 + 30 * 4 + 2 + 1


LEADING = re.compile(
    r'<(\w+)[^>]* data-cases="([\w-]+)" data-label="([^"]*)"[^>]*>(.*?)(?=</\1>|<span|<div class="row")', re.DOTALL
)
COUNT = re.compile(r"([\d,]+) (?:cases?|deals?|leads?)\b")


def test_every_number_of_the_report_that_counts_cases_lists_as_many(demo_report):
    """Of all that leads to cases: whatever it says of how many cases, deals or leads there are, its list has."""
    checked = []
    for name in PAGES:
        for _, packed, label, inside in LEADING.findall((demo_report / name).read_text("utf-8")):
            said = unescape(f"{re.sub('<[^>]+>', ' ', inside)} | {label}")
            counts = [int(number.replace(",", "")) for number in COUNT.findall(said)]
            checked += [(name, said, len(unpacked(packed)), each) for each in counts]
    assert [each for each in checked if each[2] != each[3]] == []
    # Boxes and paths of the map, rows of charts, actions and findings, on several pages.
    assert len(checked) > 100 and len({name for name, *_ in checked}) >= 4


def test_the_lists_of_all_pages_are_lighter_than_half_a_megabyte(demo_report):
    bodies = {name: (demo_report / name).read_text("utf-8") for name in PAGES}
    held = re.search(r'id="l2c-cases">(.*?)</script>', bodies["index.html"], re.DOTALL)
    assert 0 < weight(bodies, held[1]) <= MOST_BYTES


@pytest.mark.parametrize(
    "page", ["03_discover", "04a_time", "04b_deals", "04c_money_and_rules", "06_monitor", "06b_pipeline", "index"]
)
def test_every_chapter_leads_to_cases(demo_report, page):
    assert (demo_report / f"{page}.html").read_text("utf-8").count(' data-cases="') >= 10


def test_what_to_do_and_what_was_found_lead_to_the_part_of_the_chapter_that_shows_it(demo_report):
    bodies = {name: (demo_report / name).read_text("utf-8") for name in PAGES}
    links = {name: re.findall(r'href="([\w-]+\.html)#([\w-]+)">Why</a>', body) for name, body in bodies.items()}
    cards = bodies["index.html"].count("<article") - bodies["index.html"].count("l2c-settled")
    assert links["index.html"] and len(links["index.html"]) <= cards
    assert sum(map(len, links.values())) > len(links["index.html"])
    for page, place in (each for found in links.values() for each in found):
        assert f'<a id="{place}"></a>' in bodies[page]
    assert not any("data-why" in body for body in bodies.values())


def test_pages_name_no_other_place(demo_report):
    for name in PAGES:
        html = (demo_report / name).read_text("utf-8")
        links = re.findall(r"""(?:src|href)=["']([^"'#]+)""", html)
        assert [link for link in links if re.match(r"(https?:)?//", link)] == []
        assert "<iframe" not in html


def test_the_summary_shows_the_numbers_of_the_library(demo_report):
    log = l2c.open(demo_report / "log")
    rate = l2c.kpis(log).set_index("kpi").loc["win_rate_incidence", "value"]
    assert f"{rate * 100:.1f}" in (demo_report / "index.html").read_text("utf-8")
    assert l2c.demo(400).n_cases == log.n_cases


@pytest.mark.slow("the whole report in Japanese")
def test_pages_are_wholly_japanese(japanese_report):
    prose = {}
    with browser.page() as (tab, _):
        for name in PAGES:
            tab.goto((japanese_report / name).as_uri())
            prose[name] = tab.locator("main p, main h1, main h2").all_inner_texts()
    for name, texts in prose.items():
        english = [t for t in texts if re.search(r"[A-Za-z]{4,} [a-z]{2,} [a-z]{2,} [a-z]{2,}", t)]
        assert english == [], name


def test_the_page_says_which_cases_it_is_about(japanese_report):
    assert "地域：Southmark" in (japanese_report / "index.html").read_text("utf-8")


def test_a_notebook_shows_in_a_report_what_papermill_gives(demo_report, tmp_path, monkeypatch):
    name = "02_prepare.ipynb"
    made = nbformat.read(demo_report / "notebooks" / name, as_version=4)
    plain = nbformat.from_dict(made)
    plain.cells = [cell for cell in plain.cells if "injected-parameters" not in cell.metadata.get("tags", [])]
    nbformat.write(plain, tmp_path / name)
    monkeypatch.setenv("L2C_REPORT", "pages")
    given = {"log_path": str(demo_report / "log"), "lang": "en", "out_dir": "."}
    papermill.execute_notebook(
        tmp_path / name, tmp_path / name, given, cwd=tmp_path, progress_bar=False, log_output=False
    )

    def shown(notebook):
        cells = [cell for cell in notebook.cells if "parameters" not in "".join(cell.metadata.get("tags", []))]
        return [[dict(o.data) for o in cell.get("outputs", []) if "data" in o] for cell in cells]

    told = shown(nbformat.read(tmp_path / name, as_version=4))
    assert sum(map(len, told)) > 5
    assert shown(made) == told


def test_inputs_are_hidden(demo_report):
    assert "l2c.open(" not in (demo_report / "index.html").read_text("utf-8")


@pytest.mark.slow("every notebook on a log of another process")
def test_a_log_without_lead_to_cash_milestones_gets_a_report_too(tmp_path):
    log = from_text("\n".join(f"case {n}: Register 0, Examine {n % 5 + 1}, Decide {n % 7 + 6}" for n in range(40)))
    assert report.report(log, tmp_path / "out").exists()


def test_no_page_has_a_serious_barrier_for_assistive_technology(demo_report):
    from axe_playwright_python.sync_playwright import Axe

    # The test's own script may run where the page's policy lets none in.
    with browser.page(1280, 900, bypass_csp=True) as (tab, _):
        for file in sorted(demo_report.glob("*.html")):
            tab.goto(file.as_uri())
            tab.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
            found = Axe().run(tab).response["violations"]
            serious = [v for v in found if v["impact"] in ("serious", "critical")]
            assert serious == [], (file.name, [(v["id"], [n["html"][:200] for n in v["nodes"]][:3]) for v in serious])


@pytest.fixture
def parts(monkeypatch):
    """What would be written where, without running a notebook."""
    made = {}

    def written(log, target, *given, **named):
        log.save(target / "log")
        made[target.name] = (log.n_cases, log.filters)
        return []

    monkeypatch.setattr(report, "_pages", written)
    return made


def test_one_report_per_value_and_an_index(tmp_path, parts):
    log = from_text("a [region=EMEA/North]: X 0\n b [region=APAC]: X 0\n c: X 0")
    index = report.reports(log, tmp_path / "out", "region").read_text("utf-8")
    assert parts == {"APAC": (1, {"region": "APAC"}), "EMEA-North": (1, {"region": "EMEA/North"})}
    assert 'href="EMEA-North/index.html"' in index
    assert "In none of these reports: 1 case without a value." in index


def test_reports_by_rep_bear_pseudonyms_and_the_small_ones_share_one(tmp_path, parts):
    text = "\n".join(
        f"{r}{n} [rep={r} Lastname]: X 0, Y 1"
        for r, k in (("Abe", 6), ("Bo", 7), ("Cy", 3), ("Di", 4))
        for n in range(k)
    )
    log = from_text(text)
    report.reports(log, tmp_path / "out", "rep")
    known = pseudonyms(log)
    assert {name: cases for name, (cases, _) in parts.items()} == {
        known["Abe Lastname"].replace(" ", "-"): 6, known["Bo Lastname"].replace(" ", "-"): 7, "others": 7,
    }  # fmt: skip
    assert canary.found(tmp_path, ["Lastname", "Cy L", "Di L"]) == []
    parts.clear()
    report.reports(log, tmp_path / "named", "rep", names=True, smallest=1)
    assert set(parts) == {"Abe-Lastname", "Bo-Lastname", "Cy-Lastname", "Di-Lastname"}


OWN_RULES = """
rules:
- id: own_desk  # Abe Lastname asked for it
  name: {en: Abe Lastname alone approves, ja: 承認はAbe Lastnameだけ}
  when: rep in ['Abe Lastname', 'Bo Lastname'] and region == 'EMEA'
  require: {role: {activity: Discount Approved, in: [Abe Lastname]}}
"""


@pytest.fixture
def approved():
    """Deals of two reps, a third of which another one approved."""
    deal = "Opportunity Created 0, Discount Approved 1, Closed Won {}"
    people = [("Abe", "Bo")[n % 2] + " Lastname" for n in range(30)]
    lines = (f"d{n} [rep={who}, actor={who}, region=EMEA]: {deal.format(n + 2)}" for n, who in enumerate(people))
    return from_text("\n".join(lines))


def test_a_report_judges_by_own_rules_and_says_their_names(tmp_path, approved, monkeypatch):
    monkeypatch.setattr(report, "SERIES", ("report",))
    (tmp_path / "mine.yaml").write_text(OWN_RULES, "utf-8")
    out = tmp_path / "out"
    html = report.report(approved, out, rules=tmp_path / "mine.yaml", lang="ja").read_text("utf-8")
    abe = pseudonyms(approved)["Abe Lastname"]
    assert f"承認は{abe}だけ" in html and "own_desk" not in html
    # Bo approved half of the deals: the rule means the same people by other names, and none is left in it.
    assert diagnose.compliance(l2c.open(out / "log"), out / "rules.yaml")["count"].item() == 15
    assert canary.found(out, ["Lastname", str(tmp_path)]) == []
    with pytest.raises(BadRules, match=r"nowhere\.yaml"):
        report.report(approved, tmp_path / "other", rules=tmp_path / "nowhere.yaml")
    assert not (tmp_path / "other").exists()


REGISTER = """
version: 1
decisions:
- {id: faster, name: Abe Lastname approves faster, decided: 2024-12-30, from: 2025-01-06, owner: Bo Lastname, why: Bo Lastname is slow,
   kpi: sales_cycle_days, changes: [{desk: Discount Approved, speed: 0.7}], cost: {yearly: 20000}, expected: {difference: -1.0, unit: day}}
- {id: someday, kpi: win_rate, owner: Bo Lastname}
targets: {win_rate: {to: 0.6, by: 2026-03}}
findings: [{id: 'cause: win_rate', verdict: dismissed, reason: Abe Lastname was ill}]
"""
ALERTS = """
alerts:
- {id: hers, name: Deals of Abe Lastname, watch: open_deals, when: rep == 'Abe Lastname'}
"""


def test_a_report_takes_along_what_was_decided_and_what_is_watched_but_no_name_reason_or_cost(tmp_path, approved):
    for name, text in (("register.yaml", REGISTER), ("alerts.yaml", ALERTS)):
        (tmp_path / name).write_text(text, "utf-8")
    held = "cause: win_rate_incidence, rep=Abe Lastname"
    own = beside(approved, None, tmp_path, tmp_path / "alerts.yaml", away=[held])
    assert own.decided and own.parameters == {"alerts_path": "../alerts.yaml", "register_path": "../register.yaml"}
    told = yaml.safe_load(own.files["register.yaml"])
    (decision,) = told["decisions"]
    abe = pseudonyms(approved)["Abe Lastname"]
    assert set(decision) == {"id", "name", "status", "decided", "from", "kpi", "expected"}
    assert decision["name"] == f"{abe} approves faster" and set(told) == {"version", "decisions", "targets", "findings"}
    assert told["findings"] == [{"id": f"cause: win_rate_incidence, rep={abe}", "verdict": "dismissed"}]
    assert "Lastname" not in "".join(own.files.values())
    # What lies there can be read, and means the same people.
    for name, text in own.files.items():
        (tmp_path / name).write_text(text, "utf-8")
    given = handed(approved)
    assert improve.register(tmp_path).targets["win_rate"].to == 0.6
    assert len(monitor.alerts(given, tmp_path / "alerts.yaml")) == len(monitor.alerts(approved, yaml.safe_load(ALERTS)))
    with pytest.raises(BadAlerts, match="colour"):
        beside(approved, None, None, _written(tmp_path, ALERTS.replace("rep ==", "colour ==")))


def _written(folder, text):
    (folder / "other.yaml").write_text(text, "utf-8")
    return folder / "other.yaml"


def test_rules_stay_as_they_are_where_names_are_shown(tmp_path, approved):
    (tmp_path / "mine.yaml").write_text(OWN_RULES, "utf-8")
    said = yaml.safe_load(files.handed(tmp_path / "mine.yaml", approved, names=True))
    assert said == yaml.safe_load(OWN_RULES)


def test_a_report_never_goes_into_the_folder_of_another_log(tmp_path, parts):
    acme, zeta = (from_text("\n".join(f"{x}{n} [region=R{n % 2}]: X 0, Y 1" for n in range(9))) for x in "az")
    out = tmp_path / "out"
    report.report(acme, out)
    for make in (report.report, lambda log, folder: report.reports(log, folder, "region")):
        with pytest.raises(UnreadableLog, match="holds the report of other data"):
            make(zeta, out)
    # Its own may be made again, of a part or by another attribute; nothing of the earlier run is left.
    report.reports(acme, out, "region")
    assert sorted(path.name for path in out.iterdir()) == ["R0", "R1", "index.html", "report.json"]
    with pytest.raises(UnreadableLog, match="holds the report of other data"):
        report.report(zeta, out / "R0")
    report.report(acme, out, where={"region": "R0"})
    assert sorted(path.name for path in out.iterdir()) == ["index.html", "log", "report.json"]
    assert l2c.open(out / "log").n_cases == 5
    # What somebody else put there stays, and what stands in the way is not overwritten.
    (out / "notes.txt").write_text("mine")
    report.report(acme, out)
    assert (out / "notes.txt").read_text() == "mine"
    # Not even in a folder of its own is a folder of the user's removed that bears the name of a part.
    (out / "R1").mkdir()
    (out / "R1" / "plan.txt").write_text("mine")
    with pytest.raises(UnreadableLog, match="R1, which no report wrote"):
        report.reports(acme, out, "region")
    assert (out / "R1" / "plan.txt").read_text() == "mine"
    (tmp_path / "home" / "notebooks").mkdir(parents=True)
    with pytest.raises(UnreadableLog, match="notebooks, which no report wrote"):
        report.report(acme, tmp_path / "home")
    (out / "report.json").write_text("{")
    with pytest.raises(UnreadableLog):
        report.report(acme, out)


def client(name, cases=120, seed=1):
    """The deals of a company that nobody could take for another's: its name stands in every text."""
    chance = random.Random(seed)
    lines = ["Deal ID,Activity,Timestamp,Sales Rep,Region,Account,Amount,Performed By,Note"]
    for n in range(cases):
        region = ("Northmark", "Southmark")[n % 2]
        rep, day = f"{name}{region}rep Person{n % 7}", datetime(2025, 1, 1) + timedelta(days=chance.random() * 300)
        for activity in ("Opportunity Created", "Quote Sent", chance.choice(["Closed Won", "Closed Lost"])):
            said = f"{rep} talked to the {region} office again"
            lines.append(
                f"{name}-{region}-{n},{activity},{day:%Y-%m-%d %H:%M},{rep},{region},{name} {region} account {n % 9},{n * 100},{rep},{said}"
            )
            day += timedelta(days=chance.expovariate(0.1) + 0.1)
    lines.append(f",Quote Sent,2025-05-05,{name}Northmarkrep Person0,Northmark,{name} orphan,5,,")
    lines.append(f"{name}-Southmark-1,Quote Sent,soonish,{name}Southmarkrep Person1,Southmark,{name} late,5,,")
    return "\n".join(lines)


@pytest.mark.slow(
    "three reports are written and every file searched: the only proof that nothing of another client leaves"
)
def test_the_reports_of_two_clients_hold_nothing_of_each_other_nor_of_the_demo_nor_a_name(clients):
    """One after the other on one machine: by region, and whole in Japanese."""
    demo = l2c.demo(50)
    foreign = {
        "demo": [*demo.distinct("rep"), *demo.distinct("account")[:50], "DACH", "ASEAN", "Edge Devices", "0065g0", "demo_log"],
        **CLIENTS,
    }  # fmt: skip
    for name in CLIENTS:
        others = [word for other, words in foreign.items() if other != name for word in words]
        people = [f"rep Person{n}" for n in range(7)]
        assert canary.found(clients / "out" / name, [*others, *people, "salesforce/", str(clients)]) == [], name
    for part, other in (("zeta/Northmark", "Southmark"), ("zeta/Southmark", "Northmark"), ("koto", "Northmark")):
        assert canary.found(clients / "out" / part, [other, "orphan"]) == [], part
    # The canary sees what is there: the region's own words, in pages, notebooks and tables.
    seen = {Path(place).suffix for place, _ in canary.found(clients / "out" / "zeta" / "Northmark", ["Northmark"])}
    assert {".html", ".ipynb", ".parquet", ".json"} <= seen
    assert "zeta/Southmark" in {place[:14] for place, _ in canary.found(clients / "out", ["soonish"])}


def test_a_cell_that_fails_is_named_and_does_not_stop_the_rest(tmp_path, monkeypatch):
    books = tmp_path / "books"
    shutil.copytree(report.NOTEBOOKS, books, ignore=shutil.ignore_patterns("out"))
    broken = nbformat.read(books / "report.ipynb", as_version=4)
    broken.cells.insert(3, nbformat.v4.new_code_cell("1 / 0"))
    nbformat.write(broken, books / "report.ipynb")
    monkeypatch.setattr(report, "NOTEBOOKS", books)
    monkeypatch.setattr(report, "SERIES", ("report", "02_prepare"))
    out = tmp_path / "out"
    with pytest.raises(NotebookFailed, match=r"report stopped in cell \d+: ZeroDivisionError.*All else .*index\.html"):
        report.report(from_text("a: X 0, Y 1"), out)
    assert (out / "notebooks" / "report.ipynb").exists()
    first = (out / "index.html").read_text("utf-8")
    assert first.count("This part could not be made (ZeroDivisionError: division by zero)") == 1
    assert first.count("<section>") > 1 and "could not be made" not in (out / "02_prepare.html").read_text("utf-8")


def test_an_empty_selection_is_refused_before_anything_runs(tmp_path):
    log = from_text("a [region=EMEA]: X 0\n b [region=APAC]: Y 0")
    with pytest.raises(NotebookFailed, match="No case passes"):
        report.report(log, tmp_path, where={"region": "EMEA", "includes": "Y"})


@pytest.mark.parametrize(
    "where", [{"not_follows": ("X", "Y")}, {"slower": ("X", "Y", 3)}, {"slower": ("Y", 3)}, {"opened": ("2026", None)}]
)
def test_a_report_takes_every_filter_of_a_log(tmp_path, where):
    log = from_text("a: X 0, Y 1\n b: X 0, Y 2")
    # Understood, and no case passes: nothing is run.
    with pytest.raises(NotebookFailed, match="No case passes"):
        report.report(log, tmp_path, where=where)
