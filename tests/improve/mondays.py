"""A company in which everything happens on Mondays, weeks apart, so that what a change brings can be worked out on paper."""

from datetime import timedelta

import pandas as pd

from l2c.log import build
from tests.logs import ORIGIN

# Weeks until each, of deals that are won; three in ten are lost a week after the quote was sent.
WON = {
    "Opportunity Created": 0, "Quote Created": 1, "Quote Sent": 2, "Contract Approved": 3, "Contract Signed": 5,
    "Closed Won": 6, "Invoice Sent": 7, "Payment Received": 11,
}  # fmt: skip
LOST = {"Opportunity Created": 0, "Quote Created": 1, "Quote Sent": 2, "Closed Lost": 3}
WEEKS, A_WEEK = 70, 10
MONDAY = ORIGIN - timedelta(days=ORIGIN.weekday()) + timedelta(hours=9)
SIGNED = ["Contract Approved", "Contract Signed"]


def rows(change=lambda case, weeks: weeks, **attributes):
    found = []
    for case in range(WEEKS * A_WEEK):
        way = change(case, dict(LOST if case % 10 < 3 else WON))
        facts = {"region": ["EMEA", "Japan"][case % 2], "amount": 1000.0, "payment_terms_days": 14.0}
        facts |= {name: value(case) for name, value in attributes.items()}
        for activity, week in way.items():
            time = MONDAY + timedelta(weeks=case // A_WEEK + week)
            found.append({"case_id": f"c{case:04}", "activity": activity, "time": time, **facts})
    return pd.DataFrame(found)


def log_of(**given):
    table = rows(**given)
    end = MONDAY + timedelta(weeks=WEEKS)
    return build(table[table["time"] <= end], extracted=end)
