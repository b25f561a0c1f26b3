"""Charts of the diagnosis, read from their artists and texts."""

import numpy as np
import pandas as pd
import pytest

from l2c import diagnose, show
from l2c.words import vocabulary
from tests.logs import demo, from_text

LANGS = pytest.mark.parametrize("lang", ["en", "ja"])


@pytest.fixture(scope="module")
def log():
    return demo(3000)


@pytest.fixture(scope="module")
def tables(log):
    return {
        "causes": diagnose.causes(log),
        "compliance": diagnose.compliance(log),
        "reps": diagnose.reps(log),
        "due_dates": diagnose.due_dates(log),
        "bottlenecks": diagnose.bottlenecks(log),
        "journey": diagnose.journey(log),
        "conversion": diagnose.conversion(log, by="opened"),
    }


NAMES = pytest.mark.parametrize(
    "name", ["causes", "compliance", "reps", "due_dates", "bottlenecks", "journey", "conversion"]
)


@LANGS
@NAMES
def test_every_chart_speaks_its_language_and_holds_no_gap(name, lang, tables):
    picture = getattr(show, name)(tables[name], lang=lang)
    words = " ".join(picture.texts)
    assert "nan" not in words.lower()
    assert "{" not in words
    assert picture.alt
    assert any("ぁ" <= letter <= "龥" for letter in words) == (lang == "ja")
    assert picture.svg() == getattr(show, name)(tables[name], lang=lang).svg()


@LANGS
@NAMES
def test_an_empty_table_says_so_calmly(name, lang, tables):
    picture = getattr(show, name)(tables[name].head(0), lang=lang)
    assert picture.alt


@LANGS
def test_labels_stay_inside_the_picture(lang, tables):
    for name in ("causes", "compliance", "bottlenecks", "journey"):
        picture = getattr(show, name)(tables[name], lang=lang)
        fig = picture.figure
        width = fig.get_size_inches()[0] * fig.dpi
        renderer = fig.canvas.get_renderer()
        for ax in fig.axes:
            for text in (*ax.texts, *ax.get_yticklabels(), *ax.get_xticklabels()):
                if text.get_text() and text.get_visible():
                    box = text.get_window_extent(renderer)
                    assert box.x0 >= -1, (name, text.get_text())
                    assert box.x1 <= width + 1, (name, text.get_text())
                    assert box.y0 >= -1, (name, text.get_text())


def test_causes_show_the_adjusted_and_the_plain_difference(tables):
    table = tables["causes"]
    days = table.head(12)[table.head(12)["unit"] == "day"]
    ax = show.causes(table).figure.axes[0]
    dots = [line.get_xdata()[0] for line in ax.lines if line.get_marker() == "o"]
    assert dots[0::2] == pytest.approx(days["raw"].tolist())
    assert dots[1::2] == pytest.approx(days["effect"].tolist())


def test_bars_of_bottlenecks_are_their_days(tables):
    table = tables["bottlenecks"]
    # Where a group stands still there may be few days, and it is shown all the same.
    shown = table[(table.index < 10) | (table["stuck"] > 0)]
    ax = show.bottlenecks(table).ax
    widths = np.array([bar.get_width() for bar in ax.patches[: 5 * len(shown)]]).reshape(5, len(shown))
    np.testing.assert_allclose(widths.sum(axis=0), shown["case_days"])


def test_bars_of_rules_are_their_shares(tables):
    table = tables["compliance"]
    known = table[table["applicable"] > 0].sort_values(["share", "rule"], ascending=[False, True])
    bars = [bar.get_width() for bar in show.compliance(table).ax.patches]
    # A rule that cannot be judged has no bar.
    assert bars == pytest.approx([*known["share"], *[0] * (len(table) - len(known))])


def test_due_dates_show_how_late_and_how_often():
    late, early = [1.0, 2.0, 3.0], [-5.0, -4.0, 0.0]
    table = pd.DataFrame({"due": ["payment"] * 4 + ["order"] * 3, "days_late": [*late, early[0], *early]})
    picture = show.due_dates(table.assign(late=(table["days_late"] > 0).astype("boolean")))
    assert [t.get_text() for t in picture.ax.get_yticklabels()] == ["Payment", "Order"]
    assert picture.alt.splitlines() == [
        "Payment is late most often: 3 of 4",
        "Payment: 3 late of 4",
        "Order: 0 late of 3",
    ]
    # Half of the payments by day (1 + 2) / 2, half of the orders by day -4.
    assert {1.5, -4.0} <= {float(line.get_xdata()[0]) for line in picture.ax.lines}
    assert show.due_dates(table.assign(late=pd.NA)).alt.startswith("Nothing on record was due yet")


@LANGS
def test_discounts_say_the_verdict(lang, log):
    bands, effect = diagnose.discount_bands(log), diagnose.discounts(log)
    said = {verdict: show.discounts(bands, effect.assign(verdict=verdict, reason="x"), lang=lang).alt
            for verdict in ("raises", "lowers", "none", "unknown")}  # fmt: skip
    assert len(set(said.values())) == 4
    assert show.discounts(bands.head(0), effect.head(0), lang=lang).alt


def test_every_tag_due_date_and_rule_has_a_name_in_both_languages():
    from l2c.diagnose.rules.files import PARTS, called, document

    for column, part in PARTS.items():
        for entry in document()[part]:
            english, japanese = (called(column, entry["id"], lang) for lang in ("en", "ja"))
            assert english != japanese
            assert not japanese.isascii()


def test_whom_a_step_waits_for_is_said_by_one_word(log):
    waits, steps = diagnose.quote_waits(log), diagnose.bottlenecks(log)
    assert set(waits["waits_for"]) == set(steps["waits_for"]) == {"customer", "approver", "own_team"}
    for table in (waits, steps):
        text = repr(show.table(table, lang="ja", rows=99))
        assert {"顧客", "承認者", "自社"} <= set(text.replace("\n", " | ").split(" | "))


def test_columns_of_the_diagnosis_are_explained(log):
    known = {column.id for column in vocabulary.columns()} | {a.id for a in vocabulary.attributes()}
    for name in ("causes", "compliance", "reps", "coaching", "bottlenecks", "waiting_causes", "conversion", "silent",
                 "journey", "detours", "restarts", "tags", "due_dates", "findings", "leakage", "discounts"):  # fmt: skip
        table = getattr(diagnose, name)(log)
        assert isinstance(table, pd.DataFrame)
        unknown = [c for c in table.columns if c not in known and vocabulary.label(str(c)) == c]
        assert unknown == [], name


def test_small_logs_make_calm_pictures():
    log = from_text("a: Opportunity Created 0, Quote Sent 1")
    for name in ("causes", "compliance", "reps", "bottlenecks", "journey", "conversion"):
        assert getattr(show, name)(getattr(diagnose, name)(log)).svg()


def test_a_log_that_tells_nothing_about_the_rules_is_not_called_clean():
    table = diagnose.compliance(from_text("a: X 0, Y 1"))
    assert not table["applicable"].any()
    assert show.compliance(table).alt.startswith("None of the 11 rules can be judged")
    assert show.compliance(table.head(0)).alt == "There is no rule to judge these cases by"
    sound = "a: Opportunity Created 0, Quote Sent 1, Contract Signed 2, Closed Won 3, Sales Order Created 4"
    assert show.compliance(diagnose.compliance(from_text(sound))).alt.startswith(
        "No rule that could be judged (3 of 11)"
    )
