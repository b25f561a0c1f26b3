"""What the charts of quotes, payments and rework say, read from their artists and their text."""

import pandas as pd
import pytest

from l2c import diagnose, show
from l2c.show import theme
from l2c.show.charts.standing import gap
from tests.logs import demo, from_text

LANGS = pytest.mark.parametrize("lang", ["en", "ja"])
NAN = float("nan")


def paid(name, days, late, low, high, cases=100, due=30.0):
    common = {"invoice_type": name, "cases": cases, "censored": 0, "weighted": late, "amount": 1.0, "due_days": due}
    common |= {"weighted_low": low, "weighted_high": high, "note": None}
    return [
        {**common, "measure": "days_to_pay", "unit": "day", "value": days, "low": days - 2, "high": days + 2},
        {**common, "measure": "late_share", "unit": "fraction", "value": late, "low": low, "high": high},
    ]


PAYMENTS = pd.DataFrame([*paid("Electronic", 28.0, 0.2, 0.13, 0.29), *paid("Paper", 45.0, 0.62, 0.52, 0.71)])
REWORK = pd.DataFrame(
    {
        "kind": ["first_pass_yield"] * 2 + ["order_corrected"] * 2,
        "object": ["order"] * 4,
        "product": ["Box", "Service"] * 2,
        "value": [0.6, 0.95, 0.4, 0.05],
        "low": [0.5, 0.89, 0.31, 0.02],
        "high": [0.69, 0.98, 0.5, 0.11],
        "cases": [100] * 4,
        "censored": [3] * 4,
        "count": [40, 5, 40, 5],
        "events": [50, 5, 50, 5],
        "note": [None] * 4,
    }
)
LANDMARKS = pd.DataFrame(
    [
        (7.0, "accepted", 0.9, 0.8, 0.95, 60, 180.0),
        (7.0, "waiting", 0.5, 0.45, 0.55, 300, 180.0),
        (7.0, "decided", 0.3, 0.2, 0.4, 50, NAN),
        (7.0, "difference", -0.4, -0.46, -0.3, 360, 180.0),
    ],
    columns=["landmark_days", "group", "value", "low", "high", "cases", "horizon_days"],
).assign(lost_share=0.1, lost_low=0.0, lost_high=0.2, censored=4, note=None)


def test_the_latest_payers_come_first_with_their_due_day():
    picture = show.payments(PAYMENTS)
    assert picture.alt == "Paper: 62 % of invoices late (52.0 – 71.0 %); Electronic: 20 %"
    assert [t.get_text() for t in picture.ax.get_yticklabels()] == ["Paper", "Electronic"]
    dots = [line for line in picture.ax.lines if line.get_marker() == "o"]
    assert [float(dot.get_xdata()[0]) for dot in dots] == [45, 28]
    assert [dot.get_color() for dot in dots] == [theme.WARM, theme.MUTED]
    marks = [line for line in picture.ax.lines if line.get_color() == theme.INK]
    assert [float(mark.get_xdata()[0]) for mark in marks] == [30, 30]
    assert "62 % late" in picture.texts


def test_differences_that_chance_explains_are_no_finding():
    table = pd.DataFrame([*paid("A", 28.0, 0.30, 0.22, 0.40), *paid("B", 29.0, 0.34, 0.25, 0.44)])
    picture = show.payments(table)
    assert picture.alt == "No clear difference between these groups: 30 % to 34 % of the invoices are late"
    assert not [line for line in picture.ax.lines if line.get_color() == theme.WARM]


def test_the_ends_of_many_groups_need_a_larger_gap():
    worst, best = (
        pd.Series(dict(zip(("value", "low", "high"), v, strict=True))) for v in ((0.5, 0.4, 0.6), (0.3, 0.21, 0.4))
    )
    # 0.2 apart with standard errors of 0.05 each: 2.8 of the difference's; two groups need 1.96, forty need 4.2
    assert gap(worst, best, 2) > 0 > gap(worst, best, 40)
    assert gap(worst, best, 1) == 0


def test_yes_and_no_stand_with_their_question():
    table = PAYMENTS.rename(columns={"invoice_type": "Disputed"}).replace({"Paper": "Yes", "Electronic": "No"})
    assert "Disputed: Yes" in show.payments(table).texts


def test_overdue_money_adds_up_in_the_title():
    table = pd.DataFrame(
        {
            "bucket": ["not_due", "0-30", "31-60", "61-90", "90+"],
            "cases": [5, 2, 1, 0, 1],
            "amount": [500e3, 200e3, 100e3, 0, 50e3],
        }
    ).assign(share=lambda t: t["amount"] / t["amount"].sum())
    picture = show.ageing(table, currency="USD")
    assert picture.alt == "$350K of $850K open is overdue, $50K of it by more than 90 days"
    assert [round(bar.get_width()) for bar in picture.ax.patches] == [500_000, 200_000, 100_000, 0, 50_000]
    assert show.ageing(table.assign(amount=NAN)).alt.startswith("4 of 9 open invoices are overdue, 1 of them")
    late_free = table.assign(cases=[5, 0, 0, 0, 0], amount=[500e3, 0, 0, 0, 0])
    assert show.ageing(late_free, currency="USD").alt == "Nothing is overdue: $500K open and not due yet"
    assert show.ageing(table.assign(cases=0, amount=0.0)).alt == "No invoice is open"
    assert show.ageing(table.head(0), currency="USD").alt.startswith("These cases hold no invoices")


def test_late_customers_are_named_by_their_cost():
    log = from_text(
        "a [account=Acme, amount=36500, payment_terms_days=30]: Invoice Sent 0, Payment Received 40\n"
        "b [account=Best, amount=36500, payment_terms_days=30]: Invoice Sent 0, Payment Received 60"
    )
    picture = show.late_customers(diagnose.late_customers(log, rate=0.1), currency="USD")
    assert picture.alt == "Late payments cost $400 at 10 % a year, Best most"
    assert [bar.get_width() for bar in picture.ax.patches] == pytest.approx([300, 100])
    punctual = log.where(account="Acme")
    none = from_text("a [account=Acme, amount=5, payment_terms_days=30]: Invoice Sent 0, Payment Received 4")
    assert show.late_customers(diagnose.late_customers(none)).alt == "No invoice was paid late"
    assert len(show.late_customers(diagnose.late_customers(punctual)).ax.patches) == 1


def test_phases_and_waits_are_drawn_by_who_is_waited_for():
    log = from_text(
        "a: Quote Created 0, Quote Sent 2, Quote Accepted 12, Contract Created 13, Contract Signed 20, Closed Won 20"
    )
    picture = show.quote_to_contract(diagnose.quote_to_contract(log))
    assert picture.alt == "The longest phase is Quote Sent → Quote Accepted: half take more than 10 d"
    assert [bar.get_width() for bar in picture.ax.patches] == [2, 10, 1, 7]


def test_landmarks_say_what_the_difference_allows():
    assert show.landmarks(LANDMARKS).alt == (
        "Deals still waiting for acceptance after 7 days are won in 50 % of cases, those accepted by then in 90 %"
    )
    unclear = LANDMARKS.assign(low=LANDMARKS["low"].where(LANDMARKS["group"] != "difference", -0.9), high=0.99)
    assert show.landmarks(unclear).alt == "Waiting for acceptance shows no clear link with winning"
    few = LANDMARKS.assign(value=LANDMARKS["value"].where(LANDMARKS["group"] == "accepted"))
    assert show.landmarks(few).alt == "Too few deals to tell what waiting for acceptance means for winning"


def test_rework_names_the_group_that_stands_out():
    first = show.rework(REWORK)
    assert first.alt == "Right the first time: 60 % with Box (50.0 – 69.0 %), 95 % elsewhere"
    assert "60 of 100 orders" in first.texts
    fixed = show.rework(REWORK, kind="order_corrected")
    assert fixed.alt == "Order Corrected: 40 % with Box (31.0 – 50.0 %), 5 % elsewhere"
    every = REWORK[REWORK["product"] == "Box"].drop(columns="product")
    assert show.rework(every).alt == (
        "60 % of the orders are right the first time (50.0 – 69.0 %); done again most often: Order Corrected, 40 %"
    )
    assert show.rework(every.assign(value=NAN)).alt == "Too little is on record to judge what was done twice"


CHARTS = {
    "payments": (diagnose.payments, show.payments),
    "ageing": (diagnose.ageing, show.ageing),
    "late_customers": (diagnose.late_customers, show.late_customers),
    "quote_to_contract": (diagnose.quote_to_contract, show.quote_to_contract),
    "landmarks": (diagnose.landmarks, show.landmarks),
    "rework": (diagnose.rework, show.rework),
}


@pytest.fixture(scope="module")
def bare():
    texts = ("a: X 0, Y 1", "a: Quote Sent 0", "a: Invoice Sent 0", "a: Invoice Sent 0, Payment Received 3")
    return [from_text(text) for text in texts]


@pytest.fixture(scope="module")
def whole():
    return demo(2000)


@LANGS
@pytest.mark.parametrize("name", CHARTS)
def test_nothing_to_show_is_said_calmly(name, lang, bare):
    metric, draw = CHARTS[name]
    for log in bare:
        assert draw(metric(log), lang=lang).alt


@LANGS
@pytest.mark.parametrize("name", CHARTS)
def test_every_text_fits_the_picture(name, lang, whole):
    metric, draw = CHARTS[name]
    picture = draw(metric(whole), lang=lang)
    width, height = picture.figure.get_size_inches() * picture.figure.dpi
    renderer = picture.figure.canvas.get_renderer()
    for text in picture.figure.findobj(lambda a: hasattr(a, "get_text") and a.get_visible() and a.get_text()):
        box = text.get_window_extent(renderer)
        assert box.x0 >= -1 and box.x1 <= width + 1 and box.y0 >= -1 and box.y1 <= height + 1, text.get_text()


@LANGS
def test_what_is_open_stands_beside_what_was_written_off_discounted_and_credited(lang):
    values = {
        "open_receivables": 1650.0, "overdue_receivables": 950.0, "bad_debt": 800.0, "discount_taken": 12.0, "credited": 150.0,
    }  # fmt: skip
    table = pd.DataFrame({"measure": list(values), "value": list(values.values()), "cases": 6, "note": None})
    picture = show.receivables(table, lang=lang, currency="USD")
    bars = [bar.get_width() for bar in picture.ax.patches]
    assert bars == [950, 0, 0, 0, 700, 800, 12, 150]
    said = {
        "en": "$1.6K is open, $950 of it overdue; $800 was written off",
        "ja": "未入金は1,650ドル、うち950ドルが期日超過。貸倒処理は800ドル",
    }
    assert picture.alt == said[lang]
    names = {"en": "Bad debt (written off)", "ja": "貸倒額（償却済み）"}
    assert [t.get_text() for t in picture.ax.get_yticklabels()][1] == names[lang]
    unknown = show.receivables(table.assign(value=NAN), lang=lang)
    assert unknown.alt.startswith({"en": "What is open cannot be told", "ja": "未入金額は算出不能"}[lang])
