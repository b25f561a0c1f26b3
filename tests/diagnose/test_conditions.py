"""The cases of which a condition holds, does not hold, or cannot be told; and that no text is ever run."""

from contextlib import suppress
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from l2c.diagnose.rules.conditions import condition, names
from l2c.measures.facts import Facts
from l2c.words.errors import BadRules
from tests.logs import from_text

LOG = from_text(
    """
    a [region=EMEA, discount=0.3]: Quote Sent 0, Closed Won 1
    b [region=APAC]: Quote Sent 0, Closed Lost 1
    c [discount=0.1]: Opportunity Created 0
    """
)


def told(text, log=LOG):
    """One letter per case: y for yes, n for no, ? for unknown."""
    yes, unknown = condition(text, Facts.of(log), "rule")
    assert not (yes & unknown).any()
    return "".join("y" if y else "?" if u else "n" for y, u in zip(yes, unknown, strict=True))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("won", "ynn"),
        ("lost", "nyn"),
        ("open", "nny"),
        ("has('Quote Sent')", "yyn"),
        ("has('Closed Won', 'Opportunity Created')", "yny"),
        ("has('Never Heard Of')", "nnn"),
        ("discount > 0.2", "y?n"),
        ("0.2 < discount", "y?n"),
        ("0.3 >= discount", "y?y"),
        ("discount >= 0.3", "y?n"),
        ("discount <= 0.1", "n?y"),
        ("discount != 0.3", "n?y"),
        ("discount == -1", "n?n"),
        ("0.05 < discount < 0.2", "n?y"),
        ("0.05 < discount < 0.3", "n?y"),
        ("region == 'EMEA'", "yn?"),
        ("region in ['EMEA', 'LATAM']", "yn?"),
        ("region not in ('EMEA',)", "ny?"),
        ("region in []", "nn?"),
        ("region > 'B'", "yn?"),
        ("'B' > region", "ny?"),
        ("not won", "nyy"),
        ("not discount > 0.2", "n?y"),
        # Kleene: what is false already makes `and` false, what is true makes `or` true, whatever else is unknown.
        ("discount > 0.2 and lost", "n?n"),
        ("discount > 0.2 and won", "ynn"),
        ("discount > 0.2 or lost", "yyn"),
        ("discount > 0.2 or won", "y?n"),
        ("discount > 0.2 or region == 'APAC'", "yy?"),
        # An attribute that the log lacks is missing everywhere.
        ("colour == 'red'", "???"),
        ("colour == 'red' or won", "y??"),
        # A text is no number: never equal, neither larger nor smaller.
        ("discount == 'x'", "n?n"),
        ("discount != 'x'", "y?y"),
        ("discount > 'x'", "n?n"),
        ("discount in ['x', 0.3]", "y?n"),
        ("region == 5", "nn?"),
        ("region < 5", "nn?"),
        ("(won or lost) and not region == 'APAC'", "ynn"),
        ("  won  ", "ynn"),
    ],
)
def test_a_condition_holds_fails_or_cannot_be_told(text, expected):
    assert told(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('touch ran')",
        "__import__('os')",
        "lambda: won",
        "discount.__class__ == 1",
        "().__class__",
        "[c for c in 'abc']",
        "open('ran', 'w')",
        "exec('1')",
        "has(open)",
        "has(__import__('os'))",
        "has()",
        "has(1)",
        "has(name='Quote Sent')",
        "has('Quote Sent', x=1)",
        "f'{won}'",
        "won[0]",
        "won.x",
        "won if won else lost",
        "(discount := 1) > 0",
        "discount > region",
        "discount > max(1, 2)",
        "discount > 1 + 1",
        "discount > 2j",
        "discount > [1, 2]",
        "discount > [1, 2, 3]",
        "discount > {[]: 1}",
        "discount in {0.3}",
        "discount in {'a': 1}",
        "discount in 5",
        "region in 'EMEA'",
        "'EMEA' in region",
        "region in [['EMEA']]",
        "discount is 0.3",
        "discount == None",
        "won == True",
        "won & lost",
        "-won",
        "discount",
        "0.3",
        "'won'",
        "True",
        "1 < 2",
        "",
        "won;lost",
        "won\nlost",
        "won and",
        "\0",
        "discount < " + "9" * 400,
        "discount < " + "9" * 5000,
        "not " * 5000 + "won",
        "(" * 5000 + "won" + ")" * 5000,
        "discount == " + "-" * 5000 + "1",
        "[" * 90 + "]" * 90,
    ],
)
def test_what_is_no_comparison_is_refused_and_never_run(text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadRules) as refused:
        told(text)
    assert len(str(refused.value)) < 400
    assert not list(tmp_path.iterdir())


@given(st.text(max_size=40) | st.text("won lostdicu><=!'\"()[]0.3,_ and", max_size=40))
def test_any_text_is_read_or_refused(text):
    with suppress(BadRules):
        assert len(told(text)) == 3


ATOMS = {"won": "ynn", "lost": "nyn", "discount > 0.2": "y?n", "region == 'APAC'": "ny?", "colour > 1": "???"}
TREES = st.recursive(
    st.sampled_from(list(ATOMS)),
    lambda inner: st.tuples(st.just("not"), inner) | st.tuples(st.sampled_from(["and", "or"]), inner, inner),
    max_leaves=8,
)


def worked_out(tree):
    """Kleene's tables with 0, 1/2 and 1: `and` is the smaller, `or` the larger, `not` what is left to 1."""
    if isinstance(tree, str):
        return [{"n": 0, "?": 0.5, "y": 1}[letter] for letter in ATOMS[tree]]
    if tree[0] == "not":
        return [1 - value for value in worked_out(tree[1])]
    pick = min if tree[0] == "and" else max
    return [pick(pair) for pair in zip(worked_out(tree[1]), worked_out(tree[2]), strict=True)]


def written(tree):
    if isinstance(tree, str):
        return f"({tree})"
    if tree[0] == "not":
        return f"(not {written(tree[1])})"
    return f"({written(tree[1])} {tree[0]} {written(tree[2])})"


@given(TREES)
def test_conditions_combine_as_in_sql(tree):
    assert told(written(tree)) == "".join({0: "n", 0.5: "?", 1: "y"}[value] for value in worked_out(tree))


def test_the_attributes_of_a_condition_are_those_it_compares():
    assert names("discount > 0.2 and not 'EMEA' == region or won and has('amount')") == {"discount", "region"}


def test_conditions_on_a_log_without_cases_or_values():
    empty = LOG.where(region="EMEA").where(region="APAC")
    assert told("discount > 0.2 and region in ['EMEA'] or won", empty) == ""
    bare = from_text("a: Quote Sent 0")
    for one, other in product(("discount > 0.2", "region == 'x'"), repeat=2):
        assert told(f"{one} and {other}", bare) == "?"
