"""The words of lead to cash: complete in both languages, unambiguous, and found however they are written."""

import subprocess
import sys
import unicodedata
from collections import defaultdict

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from l2c.words import matching, measures
from l2c.words import vocabulary as words

PUNCTUATED = st.sampled_from(["", " ", "_", "-", ".", " : ", "　"])


def owners(things, names):
    """Who answers to each normalised name."""
    found = defaultdict(set)
    for thing in things:
        for name in names(thing):
            found[matching.normalise(name)].add(thing.id)
    return found


def shared(found):
    return {name: ids for name, ids in found.items() if len(ids) > 1}


def test_the_vocabulary_holds_the_attributes_and_activities_of_the_design():
    required = [a.id for a in words.attributes() if a.level == "required"]
    recommended = [a.id for a in words.attributes() if a.level == "recommended"]
    assert required == ["case_id", "activity", "time"]
    assert recommended == ["rep", "stage", "amount", "is_won", "discount"]
    design = """
    Lead Created (リード獲得) · Lead Qualified (リード評価) · Lead Disqualified (リード不適格) ·
    Lead Converted (リードの取引開始) ·
    Opportunity Created (商談作成) · Solution Proposed (ソリューション提案) · Quote Created (見積作成) ·
    Discount Approval Requested (割引承認申請) · Discount Approved (割引承認) · Discount Rejected (割引却下) ·
    Quote Sent (見積提示) · Quote Revised (見積修正) · Quote Accepted (見積承諾) · Quote Rejected (見積否認) ·
    Contract Created (契約作成) · Contract Approval Requested (契約承認申請) · Contract Approved (契約承認) ·
    Contract Signed (契約締結) · Closed Won (受注) · Closed Lost (失注) · Sales Order Created (注文作成) ·
    Order Corrected (注文修正) · Order Cancelled (注文取消) · Order Fulfilled (納品完了) ·
    Invoice Created (請求書作成) · Invoice Sent (請求書送付) · Invoice Corrected (請求書修正) ·
    Invoice Cancelled (請求書取消) · Credit Note Issued (クレジットメモ発行) · Payment Reminder Sent (督促) ·
    Partial Payment Received (一部入金) · Cash Discount Taken (現金割引適用) · Payment Received (入金) ·
    Payment Reversed (入金取消) · Invoice Written Off (貸倒処理) · Order Closed (注文完了)"""
    assert [f"{a.en} ({a.ja})" for a in words.activities()] == [w.strip() for w in design.split("·")]
    assert [words.process_order(a.en) for a in words.activities()] == list(range(36))


def test_every_kpi_of_the_design_is_defined():
    design = """
    lead_conversion_rate lead_response_days lead_to_opportunity_days win_rate win_rate_by_value sales_cycle_days
    quote_to_contract_days discount_approval_days discount_mean discount_mean_unweighted discount_mean_closed contract_to_order_days order_to_fulfilment_days
    fulfilment_to_invoice_days invoice_to_payment_days late_payment_share lead_to_cash_days order_error_rate rework_rate
    conformance_rate variants pipeline_velocity open_pipeline_value open_pipeline_age_days step_days"""
    assert set(design.split()) <= set(measures.measures())
    assert {k.worse for k in measures.kpis()} == {"more", "less", "none"}
    assert {k.unit for k in measures.kpis()} == {"day", "fraction", "money", "count", "money_per_day"}
    assert all(k.id.endswith("_days") == (k.unit == "day") for k in measures.kpis())


def test_every_text_exists_in_both_languages():
    # A Japanese text holds at least one Japanese letter; what is spelt alike in both languages is named here.
    alike = {"KPI"}
    for thing in (
        *words.attributes(),
        *words.activities(),
        *measures.measures().values(),
        *words.columns(),
        *words.phases(),
    ):
        parts = ["", "meaning_", "why_"] if hasattr(thing, "why_en") else ["", "meaning_"]
        for part in parts if hasattr(thing, "meaning_en") else [""]:
            english, japanese = getattr(thing, f"{part}en"), getattr(thing, f"{part}ja")
            assert english.isascii() or set(english) <= set(map(chr, range(0x250))) | set("×÷…"), english
            assert any(unicodedata.east_asian_width(c) == "W" for c in japanese) or japanese in alike, japanese
            assert "\n" not in english + japanese


def test_kinds_scopes_and_phases_are_of_the_known_ones():
    assert {a.kind for a in words.attributes()} <= {"text", "number", "money", "fraction", "flag", "time", "days"}
    assert {a.scope for a in words.attributes()} == {"case", "event"}
    order = [p.id for p in words.phases()]
    assert [order.index(a.phase) for a in words.activities()] == sorted(
        order.index(a.phase) for a in words.activities()
    )


def test_every_activity_and_all_but_two_attributes_name_their_place_in_salesforce():
    assert all(a.salesforce for a in words.activities())
    assert {a.id for a in words.attributes() if not a.salesforce} == {"lifecycle", "source_system"}
    won = next(a for a in words.activities() if a.en == "Closed Won")
    assert str(won.salesforce[1]) == "Opportunity.CloseDate (IsWon = true; a date without a time)"


def test_no_alias_belongs_to_two_things():
    names = {
        "attributes": owners(words.attributes(), lambda a: (a.id, a.en, a.ja, *a.aliases)),
        "activities": owners(words.activities(), lambda a: (a.id, a.en, a.ja, *a.aliases)),
        "dates": owners(words.activities(), lambda a: a.date_aliases),
    }
    assert {kind: shared(found) for kind, found in names.items()} == {"attributes": {}, "activities": {}, "dates": {}}


def test_no_id_means_two_things():
    things = (
        *words.attributes(),
        *measures.measures().values(),
        *words.columns(),
        *words.phases(),
        *words.activities(),
    )
    ids = [thing.id for thing in things] + [word["id"] for word in words.entries("words")]
    assert sorted(ids) == sorted(set(ids))


def test_every_name_and_alias_finds_its_own_thing():
    for a in words.attributes():
        assert all(matching.is_strong(name, a.id) for name in (a.id, a.en, a.ja, *a.aliases)), a.id
        assert all(a.id in matching.match_attribute(name) and not matching.is_strong(name, a.id) for name in a.weak), (
            a.id
        )
    for activity in words.activities():
        names = (activity.id, activity.en, activity.ja, *activity.aliases)
        assert {matching.match_activity(name) for name in names} == {activity.en}
        dated = [*activity.date_aliases, activity.en, f"{activity.en} Date", f"{activity.ja}日"]
        # Some names alone are an amount or a flag as often.
        dated += [activity.ja] if activity.ja not in matching.entries("date_words")["not_alone"] else []
        assert {matching.match_date_column(name) for name in dated} == {activity.en}


NAMES = st.sampled_from([(n, a.id) for a in words.attributes() for n in (a.en, a.ja, *a.aliases)])


@given(NAMES, PUNCTUATED, st.booleans(), st.booleans())
@example(("Opportunity ID", "case_id"), "_", True, True)
def test_case_spaces_punctuation_and_width_do_not_count(name, between, shout, wide):
    text, attribute = name
    written = between.join(text.split())
    written = written.upper() if shout else written.lower()
    if wide:  # the full-width form of every ASCII letter
        written = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in written)
    assert matching.is_strong(f" {written} ", attribute)


@given(st.text())
@example("")
@example("()")
@example("＝HYPERLINK(…)")
@example("Opportunity:")
@example("済")
def test_any_text_can_be_looked_up(text):
    assert set(matching.match_attribute(text)) <= {a.id for a in words.attributes()}
    assert matching.match_activity(text) in {None, *(a.en for a in words.activities())}
    assert matching.stage_outcome(text) in {None, "won", "lost"}
    assert matching.normalise(matching.normalise(text)) == matching.normalise(text)


def test_a_header_of_megabytes_matches_nothing_and_costs_nothing():
    assert matching.match_attribute("(" * 5_000_000) == ()
    assert matching.match_date_column("x" * 5_000_000) is None


@pytest.mark.parametrize(
    ("header", "ids"),
    [
        ("case:concept:name", ("case_id",)),
        ("concept:name", ("activity",)),
        ("time:timestamp", ("time",)),
        ("org:resource", ("actor",)),
        ("lifecycle:transition", ("lifecycle",)),
        ("Opportunity: ID", ("case_id",)),
        ("Deal - Value", ("amount",)),
        ("Opportunity.StageName", ("stage",)),
        ("Amount (USD)", ("amount",)),
        ("Loss_Reason__c", ("loss_reason",)),
        ("SBQQ__AverageCustomerDiscount__c", ("discount",)),
        ("支払条件", ("payment_terms_days",)),
        ("商談 所有者", ("rep",)),
        ("deal_stage", ("stage",)),
        ("close_value", ("amount",)),
        ("employee_id", ("actor",)),
        ("フェーズ", ("stage",)),
        ("order_id", ("case_id", "object_id")),
        ("状態", ("activity", "stage")),
        ("Created Date", ("time",)),
        ("Discount Amount", ()),
        ("Name", ()),
        ("close_date", ()),
        ("engage_date", ()),
    ],
)
def test_headers_of_real_exports_are_recognised(header, ids):
    assert matching.match_attribute(header) == ids


def test_a_weak_alias_is_not_a_strong_one():
    assert matching.is_strong("Opportunity ID", "case_id")
    for header, attribute in [("Id", "case_id"), ("order_id", "case_id"), ("Status", "activity"), ("作成日", "time")]:
        assert attribute in matching.match_attribute(header)
        assert not matching.is_strong(header, attribute)


@pytest.mark.parametrize(
    ("header", "activity"),
    [
        ("CreatedDate", "Opportunity Created"),
        ("engage_date", "Opportunity Created"),
        ("作成日", "Opportunity Created"),
        ("Lead Created Date", "Lead Created"),
        ("ConvertedDate", "Lead Converted"),
        ("Quote: Created Date", "Quote Created"),
        ("Quote Sent At", "Quote Sent"),
        ("見積提示日", "Quote Sent"),
        ("Contract.CustomerSignedDate", "Contract Signed"),
        ("契約締結日", "Contract Signed"),
        ("EffectiveDate", "Sales Order Created"),
        ("InvoiceDate", "Invoice Sent"),
        ("SettledDate", "Payment Received"),
        ("入金日", "Payment Received"),
        ("Won Time", "Closed Won"),
        ("受注日", "Closed Won"),
        ("失注日", "Closed Lost"),
        ("close_date", matching.CLOSE),
        ("CloseDate", matching.CLOSE),
        ("完了予定日", matching.CLOSE),
        ("クローズ日", matching.CLOSE),
    ],
)
def test_date_columns_stand_for_activities(header, activity):
    assert matching.match_date_column(header) == activity


@pytest.mark.parametrize(
    "header",
    [
        *[
            "LastModifiedDate",
            "Last Modified Date",
            "最終更新日",
            "LastActivityDate",
            "LastViewedDate",
            "SystemModstamp",
        ],
        *[
            "DueDate",
            "支払期日",
            "ExpirationDate",
            "有効期限",
            "Birthdate",
            "生年月日",
            "End Date",
            "Contract Start Date",
        ],
        *["Expected Close Date", "Order Activated Date", "Last Stage Change Date", "NextStepDate", "PaperlessDate"],
        *["DaysToSettle", "入金", "Won", "Paid", "Amount", "Stage"],
    ],
)
def test_other_dates_and_flags_are_no_activities(header):
    assert matching.match_date_column(header) is None


@pytest.mark.parametrize(
    ("text", "activity"),
    [
        ("Quote Presented to Customer", "Quote Sent"),
        ("QUOTE_SENT", "Quote Sent"),
        ("見積もり提示済み", "Quote Sent"),
        ("Won", "Closed Won"),
        ("Stage: Closed Won", "Closed Won"),
        ("商談受注", "Closed Won"),
        ("契約締結済み", "Contract Signed"),
        ("Contract Activated", "Contract Signed"),
        ("受注登録", "Sales Order Created"),
        ("出荷完了", "Order Fulfilled"),
        ("請求書発行", "Invoice Sent"),
        ("督促", "Payment Reminder Sent"),
        ("入金確認", "Payment Received"),
        ("ﾘｰﾄﾞ獲得", "Lead Created"),
        ("Unqualified", "Lead Disqualified"),
        ("Lead: Disqualified", "Lead Disqualified"),
        ("Closed – Not Converted", "Lead Disqualified"),
        ("lead_lost", "Lead Disqualified"),
        ("不適格", "Lead Disqualified"),
        ("リード失注", "Lead Disqualified"),
        ("失注（リード）", "Lead Disqualified"),
        ("失注", "Closed Lost"),
        ("Stage: Lost", "Closed Lost"),
    ],
)
def test_other_names_of_an_activity_find_it(text, activity):
    assert matching.match_activity(text) == activity


@pytest.mark.parametrize(
    "text",
    [
        *[
            "Order Activated",
            "Quote Approved",
            "Approval Submitted",
            "Proposal Sent",
            "Contract Sent",
            "Closed",
            "完了",
        ],
        # What puts a lead off does not end it, a converted lead is closed too, and a stage is one of a deal.
        *[
            "Recycled",
            "Nurturing",
            "Lead Closed",
            "Closed - Converted",
            "Stage: Unqualified",
            "対象外",
            "ステージ：不適格",
        ],
        *["Invoice Disputed", "Credit Check Done", "Payment Overdue", "Stage: Negotiation", "見積作成中"],
        *["与信NG", "与信審査完了", "出荷指示", "売掛金消込", "在庫不足", "承認申請", "入金遅延", "ピッキング"],
    ],
)
def test_what_is_not_the_same_thing_keeps_its_name(text):
    assert matching.match_activity(text) is None


def test_stage_labels_tell_won_from_lost_and_from_open():
    assert {
        matching.stage_outcome(s) for s in ["Closed Won", "won", "受注", "成立 (Closed Won)", "Closed Won - Renewal"]
    } == {"won"}
    assert {matching.stage_outcome(s) for s in ["Closed Lost", "LOST", "失注", "不成立", "closed_lost"]} == {"lost"}
    open_ones = ["Negotiation/Review", "Engaging", "Prospecting", "Closed", "受注見込", "Closed - Not Converted", ""]
    assert {matching.stage_outcome(s) for s in open_ones} == {None}


def test_yes_and_no_are_understood_in_both_languages():
    truth = matching.truth_words()
    said = {word: truth.get(matching.normalise(word)) for word in ["Yes", "ＴＲＵＥ", "はい", "○", "1", "有り"]}
    denied = {word: truth.get(matching.normalise(word)) for word in ["No", "false", "いいえ", "×", "0", "なし"]}
    assert set(said.values()) == {True}, said
    assert set(denied.values()) == {False}, denied
    assert "" not in truth
    assert truth.get(matching.normalise("maybe")) is None


def test_labels_speak_both_languages_and_leave_the_unknown_alone():
    assert words.label("Quote Sent", "ja") == "見積提示"
    assert words.label("quote_sent") == "Quote Sent"
    assert words.label("rep") == "Sales Rep"
    assert words.label("sales_cycle_days", "ja") == "営業サイクル日数"
    assert words.label("median_days", "ja") == "日数の中央値"
    assert words.label("required", "ja") == "必須"
    assert words.label("Stage: 交渉", "ja") == "フェーズ：交渉"
    assert words.label("与信NG", "en") == "与信NG"
    assert words.process_order("与信NG") is None


def test_importing_the_vocabulary_reads_nothing():
    code = "import sys, l2c.words.vocabulary as v; print('yaml' in sys.modules, v.words.cache_info().currsize)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=600)
    assert found.stdout.split() == ["False", "0"]


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("注文履行済み/サービス提供済み", "Order Fulfilled"), ("請求書発行済み", "Invoice Created"),
        ("顧客への請求書送付", "Invoice Sent"), ("Invoice Generated", "Invoice Created"), ("請求書発行", "Invoice Sent"),
    ],
)  # fmt: skip
def test_process_names_of_others_are_recognised(said, meant):
    assert matching.match_activity(said) == meant


@pytest.mark.parametrize(
    ("header", "attribute"),
    [
        ("営業案件ID", "case_id"), ("推定総売上額", "amount"), ("商談の金額", "amount"), ("営業チーム", "team"),
        ("Sales Team", "team"), ("Owner Department", "team"), ("Region", "region"), ("営業担当者", "rep"),
    ],
)  # fmt: skip
def test_headers_of_others_are_recognised(header, attribute):
    assert matching.is_strong(header, attribute)


def test_activities_say_with_which_to_begin():
    levels = {a.id: a.level for a in words.activities()}
    assert {id for id, level in levels.items() if level == "required"} == {
        "opportunity_created",
        "closed_won",
        "closed_lost",
    }
    recommended = {id for id, level in levels.items() if level == "recommended"}
    assert {"lead_converted", "quote_created", "quote_accepted", "contract_signed", "payment_received"} <= recommended
    assert set(levels.values()) == {"required", "recommended", "optional"}


@pytest.mark.parametrize(
    ("former", "meant"),
    [
        ("リード認定", "Lead Qualified"), ("リード転換", "Lead Converted"), ("見積発行", "Quote Sent"),
        ("見積受理", "Quote Accepted"), ("見積却下", "Quote Rejected"), ("販売注文作成", "Sales Order Created"),
        ("注文履行", "Order Fulfilled"), ("クレジットノート発行", "Credit Note Issued"), ("督促送付", "Payment Reminder Sent"),
        ("支払い受領", "Payment Received"), ("注文クローズ", "Order Closed"),
    ],
)  # fmt: skip
def test_what_activities_were_called_before_is_still_read(former, meant):
    dated = (former, f"{former}日", f"{former}日時")
    assert {matching.match_activity(former), *map(matching.match_date_column, dated)} == {meant}


@pytest.mark.parametrize(
    ("former", "meant"),
    [("営業担当者", "rep"), ("ステージ", "stage"), ("製品カテゴリ", "product"), ("受注フラグ", "is_won")],
)
def test_what_columns_were_called_before_is_still_read(former, meant):
    assert matching.is_strong(former, meant)
