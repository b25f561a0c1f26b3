"""The open pipeline of a company, as tables that are written down."""

import pandas as pd

from l2c.words.notes import Note

NAN = float("nan")
_NOTE = Note("nothing_to_measure")


def open_deals(empty: bool = False) -> pd.DataFrame:
    """Three open deals: one over its limit, one of unknown amount and end, one without a reason."""
    day = pd.Timestamp
    rows = [
        ("0065g00000AbCdEAAV", "Rep 1", "Negotiation", 120_000.0, 0.42, 0.3, 0.55, day("2026-05-10"), day("2026-06-02"), day("2026-08-20"), 41.0, 28.0, True, 50_400.0, 69_600.0, (Note("nothing_to_measure"),), "https://acme.my.salesforce.com/0065g00000AbCdEAAV"),
        ("OPP-2", "Rep 2", "Quote", NAN, 0.1, 0.02, 0.31, day("2026-05-20"), pd.NaT, pd.NaT, 12.0, NAN, False, NAN, NAN, (), None),
        ("<b>3</b>", None, "Quote", 9_000.0, 0.9, NAN, NAN, day("2026-05-04"), day("2026-05-09"), pd.NaT, 2.0, 30.0, False, 8_100.0, 900.0, (Note("nothing_to_measure"), Note("nothing_to_measure")), "javascript:alert(1)"),
    ]  # fmt: skip
    names = [
        "case_id", "rep", "stage", "amount", "win_share", "low", "high", "close_low", "close_median", "close_high",
        "in_stage_days", "limit_days", "over_limit", "expected_value", "at_risk_value", "reasons", "url",
    ]  # fmt: skip
    return _noted(pd.DataFrame(rows, columns=names), empty)


def open_leads(empty: bool = False) -> pd.DataFrame:
    """Two open leads."""
    rows = [
        ("L-1", "Rep 1", 0.3, 0.2, 0.45, pd.Timestamp("2026-05-10"), pd.Timestamp("2026-05-20"), pd.NaT, 12.0, ()),
        ("L-2", "Rep 1", NAN, NAN, NAN, pd.NaT, pd.NaT, pd.NaT, 300.0, (Note("nothing_to_measure"),)),
    ]
    names = [
        "case_id",
        "rep",
        "deal_share",
        "low",
        "high",
        "close_low",
        "close_median",
        "close_high",
        "age_days",
        "reasons",
    ]
    return _noted(pd.DataFrame(rows, columns=names), empty)


def open_invoices(empty: bool = False) -> pd.DataFrame:
    """An invoice that is due and one that is overdue, which has no chance to be late any more."""
    day = pd.Timestamp
    rows = [
        ("c1", "INV-1", "Acme", 12_000.0, day("2026-05-20"), -18.0, 0.4, 0.25, 0.6, day("2026-05-15"), day("2026-05-24"), day("2026-06-30"), 0.35),
        ("c2", "INV-2", "Bolt", 700.0, day("2026-04-02"), 30.0, NAN, NAN, NAN, day("2026-05-05"), day("2026-05-19"), pd.NaT, NAN),
    ]  # fmt: skip
    names = [
        "case_id", "invoice", "account", "open_amount", "due_date", "late_days", "late_share", "low", "high", "paid_low",
        "paid_median", "paid_high", "customer_late_share",
    ]  # fmt: skip
    return _noted(pd.DataFrame(rows, columns=names), empty)


def forecast(empty: bool = False) -> pd.DataFrame:
    """Three months: the first half over, the last mostly of deals that are not opened yet."""
    day = pd.Timestamp
    rows = [
        (day("2026-05-01"), day("2026-05-02"), day("2026-05-31"), 800e3, 500e3, 1_200e3, 12.4, 30e3, 0.0, 90e3, 830e3, 520e3, 1_250e3, 1_900e3, 1_100e3, 400e3, 900e3),
        (day("2026-06-01"), day("2026-06-01"), day("2026-06-30"), 500e3, 250e3, 900e3, 7.1, 300e3, 150e3, 500e3, 800e3, 480e3, 1_200e3, 600e3, 500e3, 100e3, 300e3),
        (day("2026-07-01"), day("2026-07-01"), day("2026-07-31"), 200e3, 50e3, 450e3, 2.8, 600e3, 350e3, 900e3, 800e3, 450e3, 1_150e3, 200e3, 150e3, 0.0, 100e3),
    ]  # fmt: skip
    names = [
        "period", "begin", "end", "value", "low", "high", "deals", "to_come", "to_come_low", "to_come_high", "total",
        "total_low", "total_high", "stage_weighted", "probability", "commit", "best_case",
    ]  # fmt: skip
    missed = {"value": 0.12, "total": 0.14, "stage_weighted": 0.91, "probability": 0.4, "commit": NAN, "best_case": 0.3}
    table = pd.DataFrame(rows, columns=names).assign(widened=1.4, dates=5)
    return _noted(table.assign(**{f"{name}_missed": error for name, error in missed.items()}), empty)


def calibration(empty: bool = False) -> pd.DataFrame:
    """Methods at two dates and together; the blend is trusted."""
    methods = ["overall", "closed", "stage", "stage_and_days", "probability", "logit", "simulation", "blend"]
    skill = [-0.25, -0.1, 0.0, 0.01, -0.12, 0.04, 0.05, 0.07]
    rows = [
        (method, date, 0.18 * (1 - s - d), s + d, 0.97, 0.01 - s / 10, 0.9, 20.0 + s, 300, method == "blend")
        for date, d in ((pd.NaT, 0.0), (pd.Timestamp("2025-06-01"), 0.02), (pd.Timestamp("2025-09-01"), -0.02))
        for method, s in zip(methods, skill, strict=True)
    ]
    names = ["method", "date", "brier", "skill", "slope", "bias", "covers", "crps", "cases", "used"]
    table = _noted(pd.DataFrame(rows, columns=names), empty)
    said = [0.03, 0.09, 0.15, 0.22, 0.3, 0.38, 0.47, 0.58, 0.7, 0.88]
    came = [0.02, 0.1, 0.12, 0.25, 0.28, 0.41, 0.44, 0.6, 0.73, 0.86]
    if not empty:
        table.attrs["tenths"] = pd.DataFrame(
            {"said": said, "came": came, "low": [c - 0.05 for c in came], "high": [c + 0.05 for c in came], "cases": 60}
        )
    return table


def bridge(empty: bool = False) -> pd.DataFrame:
    """A quarter in which more was lost and won than came."""
    rows = [
        ("start", 1_000e3, 31), ("created", 520e3, 22), ("reopened", 0, 0), ("pulled_in", 60e3, 2), ("pushed_in", 0, 0),
        ("raised", 40e3, 5), ("cut", 90e3, 6), ("pushed", 130e3, 4), ("pulled_out", 0, 0), ("lost", 310e3, 14),
        ("won", 410e3, 13), ("end", 680e3, 24),
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["part", "amount", "deals"])
    change = table["amount"] * [
        -1 if part in ("cut", "pushed", "pulled_out", "lost", "won") else 1 for part in table["part"]
    ]
    return _noted(table.assign(change=change), empty)


def grouped() -> pd.DataFrame:
    """The same of seven regions, each a part of it."""
    each = bridge()
    parts = [
        each.assign(group=f"Region {n}", amount=each["amount"] / n, change=each["change"] / n) for n in range(1, 8)
    ]
    return pd.concat(parts, ignore_index=True)


def bias(empty: bool = False) -> pd.DataFrame:
    """Three categories and two people; commit says too much."""
    rows = [
        (None, "Commit", 6, 40, 900e3, 600e3, 1.0, 0.5, 0.3, 0.75, 0.2, "says_too_much", 4.0, 3),
        (None, "Best Case", 6, 60, 1_200e3, 1_100e3, 1.0, 0.09, -0.1, 0.3, 0.4, None, 9.0, 8),
        ("Rep 1", None, 6, 30, 500e3, 620e3, 1.0, -0.2, -0.3, -0.05, 0.1, "says_too_little", 1.0, 1),
        ("Rep 2", None, 1, 4, 50e3, 20e3, 1.0, 1.5, NAN, NAN, NAN, None, NAN, 0),
    ]  # fmt: skip
    names = [
        "rep", "forecast_category", "quarters", "deals", "said", "came", "expected", "bias", "low", "high", "spread",
        "verdict", "slip_days", "pushes",
    ]  # fmt: skip
    return _noted(pd.DataFrame(rows, columns=names), empty)


def coverage(empty: bool = False) -> pd.DataFrame:
    """Fortnights of a quarter; today is its 29th day."""
    days = [1, 15, 29, 43, 57, 71, 85]
    value = [4.1, 3.6, 3.0, 2.5, 2.1, 1.6, 1.2]
    table = pd.DataFrame({"day": days, "value": value}).assign(
        group=None, quarters=6, pipeline=1_200e3, won_amount=400e3, low=[0.7 * v for v in value], high=[1.4 * v for v in value],
        win_share=[1 / v for v in value], today=[NAN, NAN, 900e3, *[NAN] * 4], expected=[NAN, NAN, 300e3, *[NAN] * 4],
    )  # fmt: skip
    return _noted(table, empty)


def cash(empty: bool = False) -> pd.DataFrame:
    """Thirteen weeks: invoices fade, deals come."""
    begin = pd.date_range("2026-05-04", periods=13, freq="7D")
    sent = [120e3 * 0.75**n for n in range(13)]
    deals = [10e3 * n for n in range(13)]
    total = [a + b for a, b in zip(sent, deals, strict=True)]
    table = pd.DataFrame(
        {
            "week": range(1, 14), "begin": begin, "invoices": sent, "low": [0.6 * s for s in sent], "high": [1.3 * s for s in sent],
            "deals": deals, "total": total, "total_low": [0.6 * t for t in total], "total_high": [1.4 * t for t in total],
        }
    )  # fmt: skip
    return _noted(table, empty)


def _noted(table: pd.DataFrame, empty: bool) -> pd.DataFrame:
    if empty:
        table = table.head(0)
        table.attrs["note"] = _NOTE
    return table
