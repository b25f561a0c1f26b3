"""Files of rules that people write: what is read, and what is refused in words that help."""

import pytest

from l2c.diagnose import compliance, tags, verdicts
from l2c.diagnose.rules.files import SEVERITY, VERBS, called, rules
from l2c.words.errors import BadRules
from tests.logs import from_text

LOG = from_text(
    """
    a [region=EMEA, discount=0.3]: Quote Sent 0, Closed Won 1
    b [region=APAC]: Quote Sent 0, Closed Won 1
    c [discount=0.1, region=EMEA]: Quote Sent 0, Demo Held 1, Closed Won 2
    d [discount=0.1]: Quote Sent 0, Closed Lost 1
    """
)


def written(tmp_path, text):
    path = tmp_path / "rules.yaml"
    path.write_text(text, "utf-8")
    return path


def judged(tmp_path, text):
    """Cases that break the rule, and how many it applies to, is pending for, and cannot be judged by."""
    row = compliance(LOG, written(tmp_path, text)).iloc[0]
    return row["cases"], row["applicable"], row["pending"], row["unknown"]


def test_the_shipped_rules_can_be_read():
    found = rules()
    assert len({rule.id for rule in found}) == len(found) == 11
    assert all(rule.severity in SEVERITY for rule in found)
    assert all(called("rule", rule.id, "en") != called("rule", rule.id, "ja") for rule in found)
    assert all(verb in VERBS for rule in found for verb, _ in rule.require)


def test_a_rule_needs_little(tmp_path):
    (rule,) = rules(written(tmp_path, "rules:\n- {id: demo, require: {exists: Demo Held}}"))
    assert (rule.id, rule.when, rule.severity) == ("demo", "", "medium")
    assert called("rule", "demo", "en") is None


@pytest.mark.parametrize(
    ("said", "en", "ja"),
    [
        ("name: {en: Demo first, ja: デモが先}", "Demo first", "デモが先"),
        ("name: Demo first", "Demo first", "Demo first"),
        ("name: {ja: デモが先}", "デモが先", "デモが先"),
        ("en: Demo first, ja: デモが先", "Demo first", "デモが先"),
    ],
)
def test_what_a_tag_is_called_is_known_once_its_file_was_read(tmp_path, said, en, ja):
    log = from_text("a: Quote Sent 0")
    tags(log, written(tmp_path, f"tags:\n- {{id: demo, {said}, when: won}}"))
    assert (called("tag", "demo", "en"), called("tag", "demo", "ja")) == (en, ja)
    # The rule, the tag and the due date of one id are three things.
    assert called("rule", "demo", "en") is None
    # The file that was read last counts, also where it says nothing.
    tags(log, written(tmp_path, "tags:\n- {id: demo, when: won}"))
    assert called("tag", "demo", "en") is None


def test_a_copy_may_call_a_rule_of_the_kit_otherwise(tmp_path):
    entry = "id: order_before_contract, require: {exists: Quote Sent}"
    rules(written(tmp_path, f"rules:\n- {{{entry}, name: {{en: Too early, ja: 早すぎる注文}}}}"))
    # Judging by the shipped rules meanwhile takes no name away.
    rules()
    assert called("rule", "order_before_contract", "ja") == "早すぎる注文"
    rules(written(tmp_path, f"rules:\n- {{{entry}}}"))
    assert called("rule", "order_before_contract", "ja") == "契約前の注文"


def test_a_file_without_rules_judges_nothing(tmp_path):
    for text in ("version: 1", "rules: []", "rules: []\ntags: none", "rules: []\ntags: [none, {en: Nameless}]"):
        path = written(tmp_path, text)
        assert not len(compliance(LOG, path)) and not len(verdicts(LOG, path))


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("won", (["a", "b"], 3, 0, 0)),
        # b has no discount: had it kept the rule nobody would ask
        ("discount > 0.2", (["a"], 1, 0, 1)),
        ("discount < 0.2", (["d"], 2, 0, 1)),
        ("region == 'EMEA'", (["a"], 2, 0, 1)),
        # A name within another is not that attribute, and one that the log lacks makes no case unclear.
        ("sub_region == 'EMEA'", ([], 0, 0, 0)),
        ("colour == 'red' and region == 'EMEA'", ([], 0, 0, 0)),
    ],
)
def test_a_rule_applies_where_its_condition_holds(tmp_path, when, expected):
    text = f'rules:\n- {{id: demo, when: "{when}", require: {{exists: Demo Held}}}}'
    assert judged(tmp_path, text) == expected


def test_of_several_demands_the_broken_one_decides(tmp_path):
    text = "rules:\n- {id: both, require: [{exists: Quote Sent}, {exists: Demo Held}]}"
    assert judged(tmp_path, text) == (["a", "b", "d"], 4, 0, 0)
    text = "rules:\n- {id: both, require: [{attribute: discount, max: 0.2}, {exists: Quote Sent}]}"
    # b's discount is not known
    assert judged(tmp_path, text) == (["a"], 3, 0, 1)


def test_the_events_that_show_it_are_told(tmp_path):
    path = written(tmp_path, "rules:\n- {id: late, require: {never_before: [Quote Sent, Demo Held]}}")
    row = verdicts(LOG, path).iloc[0]
    assert (row["case_id"], row["verdict"], row["activity"], row["other_activity"]) == (
        "c", "violated", "Quote Sent", "Demo Held",
    )  # fmt: skip
    assert row["time"] < row["other_time"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rules: [a: b: c", "cannot be read as a file of rules"),
        ("- id: demo", "holds no list of rules"),
        ("rules: {id: demo}", "holds no list of rules"),
        ("just words", "holds no list of rules"),
        ("", "holds no list of rules"),
        ("rules:\n- demo", "needs an id and a require"),
        ("rules:\n- {id: demo}", "needs an id and a require"),
        ("rules:\n- {require: {exists: Demo Held}}", "needs an id and a require"),
        ("rules:\n- {id: demo, require: exists}", "needs an id and a require"),
        ("rules:\n- {id: demo, require: {}}", "needs an id and a require"),
        ("rules:\n- {id: demo, require: []}", "needs an id and a require"),
        ("rules:\n- {id: demo, require: {exists: Demo Held}, wenn: won}", "Rule demo: 'wenn' means nothing here"),
        ("rules:\n- {id: demo, require: {exists: Demo Held}, severity: huge}", "Rule demo: 'severity: huge' means nothing"),
        ("rules:\n- {id: demo, require: {exist: Demo Held}}", "Rule demo requires 'exist', which is none of"),
        ("rules:\n- {id: demo, require: {exists: Demo Held, absent: Quote Sent}}", "Rule demo: 'require' is not filled in"),
        ("rules:\n- {id: demo, require: {exists: 5}}", "Rule demo: 'activity' is not filled in"),
        ("rules:\n- {id: demo, when: region, require: {exists: Demo Held}}", "the condition 'region' cannot be understood"),
        ("rules:\n- {id: demo, when: true, require: {exists: Demo Held}}", "the condition 'True' cannot be understood"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_file_is_said(tmp_path, text, said):
    with pytest.raises(BadRules) as refused:
        compliance(LOG, written(tmp_path, text))
    assert said in str(refused.value)


def test_a_missing_file_and_one_that_is_no_text_are_named(tmp_path):
    with pytest.raises(BadRules, match=r"none\.yaml cannot be read"):
        rules(tmp_path / "none.yaml")
    path = tmp_path / "picture.yaml"
    path.write_bytes(b"\xff\xfe\x00\x01\x80")
    with pytest.raises(BadRules, match=r"picture\.yaml cannot be read"):
        rules(path)


def test_two_rules_of_one_name_are_refused(tmp_path):
    text = "rules:\n" + "- {id: demo, require: {exists: Demo Held}}\n" * 2
    with pytest.raises(BadRules, match="Two rules have the id demo"):
        rules(written(tmp_path, text))
