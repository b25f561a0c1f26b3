from l2c.discover import deviations, funnel, happy_path, variants
from tests.logs import from_text

LOG = """
    a: Opportunity Created 0, Quote Sent 2, Closed Won 5, Payment Received 30
    b: Opportunity Created 0, Quote Sent 4, Closed Won 9, Payment Received 40
    c: Opportunity Created 0, Quote Sent 1, Quote Sent 3, Closed Won 9, Payment Received 50
    d: Opportunity Created 0, Quote Sent 4
    e: Opportunity Created 0, Quote Sent 4, Closed Lost 8
    f: Opportunity Created 0, Closed Won 8
    g: Opportunity Created 0, Quote Sent 4, Closed Won 20
    h: Opportunity Created 0, Closed Lost 2
"""


def test_variants_are_ranked_by_cases_then_length_then_name():
    table = variants(from_text(LOG))
    assert table["cases"].tolist() == [2, 1, 1, 1, 1, 1, 1]
    assert table["trace"][0] == ("Opportunity Created", "Quote Sent", "Closed Won", "Payment Received")
    assert table["trace"][1] == ("Opportunity Created", "Closed Lost")
    assert table["median_days"][0] == 35
    assert table["share"].sum() == 1
    assert table["open"].sum() == 1


def test_ids_keep_their_meaning_under_a_filter():
    log = from_text(LOG)
    whole = variants(log).set_index("variant_id")["trace"]
    few = variants(log.where(outcome="lost")).set_index("variant_id")["trace"]
    assert few.to_dict() == whole[few.index].to_dict()
    assert len(few) == 2


def test_the_happy_path_is_the_most_frequent_paid_one():
    path = happy_path(from_text(LOG))
    assert path == ("Opportunity Created", "Quote Sent", "Closed Won", "Payment Received")


def test_each_case_is_told_where_it_leaves_the_path():
    found = deviations(from_text(LOG)).set_index("case_id")
    # d and g are on the path but not at its end; e and h were on it until they were lost.
    assert found["conforming"].dropna().to_dict() == {
        "a": True,
        "b": True,
        "c": False,
        "e": True,
        "f": False,
        "h": True,
    }
    assert found.loc["c", ["left_after", "expected", "instead"]].tolist() == ["Quote Sent", "Closed Won", "Quote Sent"]
    assert found.loc["f", ["left_after", "expected", "instead"]].tolist() == [
        "Opportunity Created",
        "Quote Sent",
        "Closed Won",
    ]


def test_a_log_without_outcomes_counts_every_case_as_ended():
    found = deviations(from_text("a: X 0, Y 1\n b: X 0, Y 1\n c: X 0")).set_index("case_id")["conforming"]
    assert found.to_dict() == {"a": True, "b": True, "c": False}


def test_the_funnel_counts_who_got_how_far():
    table = funnel(from_text(LOG)).set_index("milestone")
    # Eight deals; six had a quote, six... a, b, c, f, g were won; a, b, c paid.
    assert table["cases"].to_dict() == {
        "Opportunity Created": 8,
        "Quote Sent": 6,
        "Closed Won": 5,
        "Payment Received": 3,
    }
    # Of the six with a quote, a, b, c and g were won; d is open and may still be.
    assert table.loc["Closed Won", "conversion"] == 4 / 6
    assert table.loc["Closed Won", ["open", "dropped"]].tolist() == [1, 1]
    # f was won without a quote: it is none of those that dropped out before one. Only h is.
    assert table.loc["Quote Sent", ["open", "dropped"]].tolist() == [0, 1]
    # f and g are won and not paid yet.
    assert table.loc["Payment Received", ["open", "dropped"]].tolist() == [2, 0]
    # Days from quote to win: 3, 5, 8, 16, and one that still waits: 3/5 are left after day 5, 2/5 after day 8.
    assert table.loc["Closed Won", "median_days"] == 8
