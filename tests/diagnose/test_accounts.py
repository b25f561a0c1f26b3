"""Tables whose deals go together by account say how sure that makes them."""

import numpy as np
import pytest

from l2c import diagnose
from tests.logs import from_text

ACCOUNTS, COPIES = 60, 6
ROW = (
    "c{case} [{names}discount={discount}, payment_terms_days=30, amount=100]: Stage: Prospecting {t0}, "
    "Stage: Proposal {t1}, Opportunity Created {t0}, Quote Created {t1}, Quote Sent {t2}, {revised}{accepted}{signed}{close}"
)
PAID = ", Sales Order Created {a}, {error}Order Fulfilled {b}, Invoice Sent {b}, Payment Received {c}"


def log_of(copies: int, *, accounts: bool = True):
    """Accounts whose deals are all alike: `copies` of each tell as much as one."""
    rng, lines = np.random.default_rng(4), []
    for account in range(ACCOUNTS):
        luck, days = rng.random(6), rng.uniform(2, 30, 6)
        t = account + np.cumsum(np.append(0, days))
        won = luck[0] < 0.6
        close = f"Closed {'Won' if won else 'Lost'} {t[4]:.2f}"
        error = f"Order Corrected {t[4] + 1.2:.2f}, " if luck[1] < 0.4 else ""
        paid = PAID.format(a=f"{t[4] + 1:.2f}", b=f"{t[5]:.2f}", c=f"{t[5] + 10 + 40 * luck[2]:.2f}", error=error)
        for copy in range(copies):
            lines.append(
                ROW.format(
                    case=f"{account}_{copy}",
                    names=f"account=A{account}, region=EU, " if accounts else "region=EU, ",
                    discount=0.05,
                    t0=f"{t[0]:.2f}",
                    t1=f"{t[1]:.2f}",
                    t2=f"{t[2]:.2f}",
                    revised=f"Quote Revised {t[2] + luck[5]:.2f}, Quote Sent {t[2] + 2 * luck[5]:.2f}, "
                    if luck[3] < 0.5
                    else "",
                    accepted=f"Quote Accepted {t[3]:.2f}, " if luck[4] < 0.7 else "",
                    signed=f"Contract Signed {t[4]:.2f}, " if luck[5] < 0.5 else "",
                    close=close + (paid if won else ""),
                )
            )
    return from_text("\n".join(lines), until=400)


TABLES = {
    "compliance": lambda log: diagnose.compliance(log).query("applicable > 0 and 0 < share < 1").iloc[0],
    "tag_counts": lambda log: diagnose.tag_counts(log).query("0 < share < 1").iloc[0],
    "rework": lambda log: diagnose.rework(log).set_index("kind").loc["order_corrected"],
    "rework_days": lambda log: diagnose.rework_days(log).set_index("kind").loc["quote_revised"],
    "revised_share": lambda log: diagnose.quote_rounds(log).set_index("measure").loc["revised_share"],
    "revisions": lambda log: diagnose.quote_rounds(log).set_index("measure").loc["revisions_per_deal"],
    "unanswered": lambda log: diagnose.quote_rounds(log).set_index("measure").loc["unanswered_share"],
    "quote_waits": lambda log: diagnose.quote_waits(log).iloc[0],
    "landmarks": lambda log: diagnose.landmarks(log, days=(14,)).set_index("group").loc["waiting"],
    "discount_bands": lambda log: diagnose.discount_bands(log).iloc[0],
    "stages": lambda log: diagnose.stages(log).iloc[0],
    "stage_conversion": lambda log: diagnose.stage_conversion(log).set_index("stage").iloc[-1],
    "conversion": lambda log: diagnose.conversion(log, within=(60,)).query("milestone == 'Closed Won'").iloc[0],
    "deviations": lambda log: diagnose.deviations(log).query("0.1 < share < 0.9").iloc[0],
    "late_customers": lambda log: diagnose.late_customers(log, by="region").iloc[0],
    "late by amount": lambda log: (
        diagnose.payments(log)
        .set_index("measure")
        .loc["late_share"]
        .rename({"low": "_", "high": "__", "weighted_low": "low", "weighted_high": "high"})
    ),
}


@pytest.fixture(scope="module")
def logs():
    return log_of(COPIES), log_of(1), log_of(COPIES, accounts=False)


@pytest.mark.parametrize("name", TABLES)
def test_deals_of_an_account_that_are_all_alike_tell_as_much_as_one(logs, name):
    together, once, apart = (TABLES[name](log) for log in logs)
    wide, wanted, narrow = (row["high"] - row["low"] for row in (together, once, apart))
    assert wide == pytest.approx(wanted, rel=0.25)
    # As if each told something of its own, the interval is too short by the root of their number.
    assert narrow < 0.6 * wide
