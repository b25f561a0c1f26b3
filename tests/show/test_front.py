from datetime import date

from l2c import show
from l2c.show import page
from l2c.show.front import band, front, index
from tests.logs import from_text

DAY = date(2026, 3, 5)


def log():
    return from_text(
        """
        a [region=North]: Opportunity Created 0, Closed Won 9
        b [region=North]: Opportunity Created 1, Closed Lost 9
        c [region=North]: Opportunity Created 2
        d [region=South]: Lead Created 40
        """,
        until=60,
    )


def test_the_band_says_which_deals_and_leads_how_they_stand_and_when():
    assert band(log(), "en") == [
        "all deals",
        "Jan 2025–Feb 2025",
        "3 deals: 1 open, 1 won, 1 lost",
        "1 lead without a deal",
    ]
    assert band(log().where(region="North"), "ja")[0] == "地域：North"
    # What may not be read is said by whoever knows.
    assert band(log().where(region="North"), "en", {})[0] == "all deals"


def test_whose_report_it_is_stands_at_the_head_and_at_the_foot_and_harms_no_page():
    for html in (
        front("<p>x</p>", "en", facts=["f"], client="A <b> & Co", day=DAY),
        index("region", "<p>x</p>", 2, "en", facts=["f"], client="A <b> & Co", day=DAY),
        page.page("x", "06_monitor", ["06_monitor"], "en", {}, client="A <b> & Co", day=DAY),
    ):
        assert "A &lt;b&gt; &amp; Co" in html and "A <b>" not in html
        assert "@bottom-left" in html and "5 Mar 2026" in html


def test_contents_are_said_in_brief():
    assert page.brief("Paper: 63 % of the invoices are late (56.6 – 69.7 %); Portal: 17 %") == (
        "Paper: 63 % of the invoices are late; Portal: 17 %"
    )
    long = "Negotiation is where fewest go ahead: 70 % of those that have left it, of 1,240"
    assert page.brief(long) == "Negotiation is where fewest go ahead"
    assert (
        page.brief("Q1 2026 against Q3 2024: worse in Sales cycle") == "Q1 2026 against Q3 2024: worse in Sales cycle"
    )


def test_what_is_not_sure_is_two_lines():
    from l2c import diagnose
    from l2c.check import problems

    some = log()
    said = show.unsure(diagnose.findings(some), rules=diagnose.compliance(some), problems=problems(some)).text
    first, second = said.splitlines()
    assert first.endswith("rules can be judged.")
    assert second.startswith("Cannot be told from this file: ") and "late payment" in second
