"""How each remark reads, in English and Japanese; see `l2c.words.notes`.

`{n:,}` is a number with its commas, `{x:name}` a word of the vocabulary, `{x: or }` what joins several of a kind.
"""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "several": ("{notes:; }", "{notes:; }"),
    # Durations
    "too_many_negative": (
        "too many negative durations: {n} of {of}",
        "終了が開始より前のものが多すぎる({of}件中{n}件)",
    ),
    "negative_left_out": ("negative durations left out: {n} of {of}", "終了が開始より前のものを除外({of}件中{n}件)"),
    "end_unrecorded": ("end not recorded: {n} of {of}", "終了の記録なし({of}件中{n}件)"),
    "under_half": ("fewer than half have got there yet", "到達したのは半数未満"),
    # Rates, sums and means
    "nothing_to_measure": ("nothing to measure in these data", "測定できるデータがない"),
    "no_opportunities": ("no opportunities recorded", "商談の記録がない"),
    "no_terms": ("neither payment terms nor due dates", "支払条件も支払期日もない"),
    "no_order_changes": ("no corrections or cancellations recorded", "注文の修正や取消の記録がない"),
    "currencies": ("amounts in {n} currencies", "{n}通貨の金額が混在"),
    "amount_of_lost": ("amount known for {n} of {of} lost deals", "失注{of}件のうち金額が分かるのは{n}件"),
    "amount_of_open": ("amount known for {n} of {of} open deals", "進行中{of}件のうち金額が分かるのは{n}件"),
    # Rework
    "unnumbered_steps": (
        "steps on documents without a number are not counted",
        "番号のない書類の手順は数えない",
    ),
    "unnumbered_orders": (
        "orders have no number: a second one may be another order or a repeat, and is not counted",
        "注文に番号がなく、2件目が別の注文か登録のやり直しか区別できないため数えない",
    ),
    "unrecorded": ("not recorded in this log", "このログには記録がない"),
    # Quotes
    "acceptance_unrecorded": (
        "acceptance not recorded: {n} of {of} won deals",
        "受注{of}件のうち見積受理の記録がないもの: {n}件",
    ),
    "closed_before": (
        "closed before the landmark: not compared",
        "この日数が経つ前に完了したため比較の対象外",
    ),
    "too_few_deals": ("too few deals to compare", "商談が少なく比較できない"),
    "few_deals": ("fewer than {n} deals", "商談が{n}件未満"),
    "few_answers": ("fewer than {n} answers", "回答が{n}件未満"),
    "no_revisions": ("no revisions recorded", "見積修正の記録がない"),
    "no_answers": ("no answers recorded", "見積への回答の記録がない"),
    "silent_after": ("silent: no answer for {days:.0f} days", "{days:.0f}日を超えて回答がないものを音信不通とする"),
    # Discounts
    "no_discounts": (
        "no discounts, or too few closed deals",
        "割引の記録がないか、完了した商談が少なすぎる",
    ),
    "one_sided_discounts": (
        "discounts are known for won deals and not for lost ones, or the other way round",
        "割引率が受注・失注の一方でしか分からない",
    ),
    "few_discounts": (
        "too few deals with a known discount, won and lost",
        "割引率の分かる受注・失注が少なすぎる",
    ),
    "same_discounts": ("deals that are alike all have the same discount", "似た商談の割引率がすべて同じ"),
    "signs_differ": ("two ways of adjusting disagree about the sign", "2つの調整方法で符号が一致しない"),
    "fragile": (
        "an unseen factor as strong as the strongest one in the log could undo it",
        "ログ内で最も強い要因と同程度の未観測の要因があれば覆る",
    ),
    "lacks": ("the log does not hold {attributes}", "ログにない項目: {attributes:name}"),
    "lacks_drivers": (
        "the log does not hold {attributes}, which may drive both discounts and losses",
        "割引と失注の両方に影響しうる項目がログにない: {attributes:name}",
    ),
    # Money
    "cancelled": ("cancelled and left out: {n}", "取消済みで除外: {n}件"),
    "credited": ("credited in full and left out: {n}", "全額クレジット済みで除外: {n}件"),
    "no_payments": ("no payments recorded", "入金の記録がない"),
    "no_amounts": ("amounts not known", "金額が不明"),
    "due_unknown": ("due date not known: {n} of {of}", "支払期日が不明({of}件中{n}件)"),
    "short_window": ("only {days} days of invoices", "請求書は{days}日分のみ"),
    "sales_vary": (
        "monthly sales vary: use the count-back",
        "月次売上の変動が大きいためカウントバック法を推奨",
    ),
    "split_evenly": (
        "amount of the deal split evenly among its invoices: {n} of {of}",
        "商談の金額を請求書に均等配分({of}件中{n}件)",
    ),
    "taken_together": (
        "invoices whose payments name none of them, taken together by deal: {n}",
        "入金が請求書を示さないため、商談ごとにまとめた請求書: {n}件",
    ),
    # Reading: the form of a file
    "of_file": ("{file}: {note}", "{file}: {note}"),
    "of_files": ("{files} and {more} more: {note}", "{files} ほか{more}件: {note}"),
    "of_column": ("{file}, {column}: {note}", "{file} の列「{column}」: {note}"),
    "encoding": ("the encoding is {encoding}", "文字コードは {encoding}"),
    "tabs": ("columns are separated by tabs", "列の区切りはタブ"),
    "semicolons": ("columns are separated by semicolons", "列の区切りはセミコロン"),
    "bars": ("columns are separated by bars", "列の区切りは縦線"),
    "starts_in_line": (
        "the table starts in line {line}, below {titles} lines of title",
        "表は{line}行目から(その上の{titles}行は表題)",
    ),
    "starts_in_row": ("the table starts in row {row}", "表は{row}行目から"),
    "footer": (
        "{n} footer lines left out (lines {first} to {last}): {text}",
        "末尾の{n}行({first}～{last}行目)は表の行ではないため除外: {text}",
    ),
    "blanks_filled": (
        "{column}: {n:,} blank cells of grouped rows take the value of their group",
        "列「{column}」: グループ化された行の空欄{n:,}個にはグループの値を補います",
    ),
    "empty_file": ("{file} is empty.", "{file} は空です。"),
    "no_rows": ("{file} has a header and no rows.", "{file} は見出しだけで行がありません。"),
    "no_object": (
        "{file} was left out: it is no object that the mapping reads ({rows:,} rows).",
        "{file} は読み込みません。マッピングにないオブジェクトです({rows:,}行)。",
    ),
    "no_events": (
        "{file} was left out: it does not hold events ({rows:,} rows).",
        "{file} は読み込みません。イベントではありません({rows:,}行)。",
    ),
    "other_sheet": (
        "{file} was left out: another sheet holds the events.",
        "{file} は読み込みません。イベントは別のシートにあります。",
    ),
    # Reading: columns and values
    "could_each_be": (
        "{columns} could each be {attribute}; {taken} was taken, "
        "the others are kept under their own names (--map {attribute}=… changes that).",
        "{columns} はいずれも「{attribute:name}」と読めます。{taken} を使い、ほかは元の名前のまま残します"
        "(--map {attribute}=… で変更できます)。",
    ),
    "could_mean": (
        "{name!r} could mean {activity}, but {holder!r} does already; both are kept. "
        "If they are one, say so in a mapping file (activities).",
        "「{name}」は「{activity:name}」とも読めますが、すでに「{holder}」がそれに当たるため、両方を残します。"
        "同じものであれば、マッピングファイル(activities)で指定してください。",
    ),
    "no_closing": (
        "{column} was not used: no stage and no won flag say which deals are closed. "
        "Map one with --map stage=YOUR_COLUMN.",
        "{column} は使いません。完了した商談を示すステージも受注フラグもないためです。"
        "--map stage=列名 で指定できます。",
    ),
    "both_ways": (
        "commas and points are used both ways in this column; each value that shows its way was read so",
        "この列ではコンマとピリオドの使い方が混在しています。使い方の分かる値はそのとおりに読みました",
    ),
    "decimal_point": (
        "{value!r} was read with a decimal point; nothing in the column says otherwise",
        "「{value}」のピリオドは小数点として読みました(これに反する値は列にありません)",
    ),
    "percent": (
        "read as percent, because some values are above 1; those below 1 are then below one percent",
        "1を超える値があるため百分率として読みました。1未満の値は1%未満とみなします",
    ),
    "product_lines": (
        "{rows:,} rows are product lines of {deals:,} deals: each deal and its amount counts once.",
        "{rows:,}行は商談{deals:,}件の商品明細です。商談と金額は1回だけ数えます。",
    ),
    "two_ids": (
        "{deals:,} deals came with a 15-character id here and the same id in 18 characters there; they are one.",
        "商談{deals:,}件は15桁と18桁の両方のIDで現れたため、それぞれ同じ商談としてまとめました。",
    ),
    "amounts_in": (
        "Amounts are in {currencies}. They were not converted, so they are never added up; "
        "choose one currency with a filter, or convert first.",
        "金額は{currencies}建てです。換算していないため、通貨をまたいで合計しません。"
        "フィルターで通貨を1つ選ぶか、先に換算してください。",
    ),
    "other_currency": (
        "The source says that its amounts are in {currency}; --currency {given} was not used.",
        "データでは金額の通貨は{currency}です。--currency {given} は使いません。",
    ),
    "no_source_row": (
        "{file} has no column source_row, so events of one moment stand in process order and then by their content.",
        "{file} に列 source_row がないため、同時刻のイベントは工程順、次に内容の順に並べます。",
    ),
    "some_listed": (
        "Only {shown:,} of the {n:,} quarantined rows are listed.",
        "隔離した{n:,}行のうち{shown:,}行だけを一覧に示します。",
    ),
    "sample": (
        "A sample: every case of {every} in the order of their starts.",
        "標本: 開始順に{every}件ごとに1件を抽出しました。",
    ),
    # Reading: the objects of an org
    "pulled": (
        "{rows:,} rows of {objects} objects pulled from {org} with {requests:,} API requests.",
        "{org} からAPIリクエスト{requests:,}回で{objects}オブジェクト{rows:,}行を取得しました。",
    ),
    "pulled_within": (
        "{rows:,} rows of {objects} objects pulled from {org} with {requests:,} API requests "
        "({used:,} of {limit:,} in 24 hours).",
        "{org} からAPIリクエスト{requests:,}回で{objects}オブジェクト{rows:,}行を取得しました"
        "(24時間の使用量は上限{limit:,}回のうち{used:,}回)。",
    ),
    "fields_hidden": (
        "{object}: not visible to this user or not there: {fields}.",
        "{object}: このユーザーには見えないか、存在しない項目: {fields}。",
    ),
    "converted": (
        "Amounts are converted to {currency} at the rate of their close date.",
        "金額は完了予定日のレートで{currency}に換算しました。",
    ),
    "converted_but": (
        "Amounts are converted to {currency} at the rate of their close date. Without a rate, and so kept apart: {left}.",
        "金額は完了予定日のレートで{currency}に換算しました。レートがなく別扱いの通貨: {left}。",
    ),
    "product_lines_of_org": (
        "Opportunity: {rows:,} rows are product lines of {deals:,} deals; each deal counts once.",
        "Opportunity: {rows:,}行は商談{deals:,}件の商品明細です。商談は1回だけ数えます。",
    ),
    "owner_of_today": (
        "Changes of owner are not recorded: the owner of today stands for the whole life of a deal.",
        "所有者の変更が記録されていないため、現在の所有者を商談の全期間の担当者とします。",
    ),
    "leads_only": (
        "There is no Opportunity in the source: the log holds leads only, and what belongs to deals is set aside.",
        "データに商談(Opportunity)がありません。ログはリードだけになり、商談に属する行は隔離します。",
    ),
    "out_of_time": (
        "{place}: {n:,} times lie after the extraction or before 1970 and were not used.",
        "{place}: データ抽出より後、または1970年より前の日時が{n:,}件あり、使いません。",
    ),
    "lacking": (
        "{object} has no {fields}: {activities} cannot be told from it.",
        "{object} に {fields} がないため、「{activities:name}」は分かりません。",
    ),
    "either": ("{fields: or }", "{fields: または }"),
    "field": ("{object}: {fields: or }", "{object}: {fields: または }"),
    "no_activity": (
        "{object}: these values of {field} are no activity: {values}. "
        "If one should be, add it in a copy of salesforce.yaml, which `l2c template` writes.",
        "{object}: {field} の次の値はアクティビティになりません: {values}。"
        "必要なら `l2c template` が書き出す salesforce.yaml の写しに加えてください。",
    ),
    "no_activity_more": (
        "{object}: these values of {field} are no activity: {values} and {more} more. "
        "If one should be, add it in a copy of salesforce.yaml, which `l2c template` writes.",
        "{object}: {field} の次の値はアクティビティになりません: {values} ほか{more}個。"
        "必要なら `l2c template` が書き出す salesforce.yaml の写しに加えてください。",
    ),
    "counted": ("{value} ({n:,})", "{value} ({n:,})"),
    "in_force_unknown": (
        "{field} is not in the source: changes of what was in force already cannot be told and are not counted.",
        "{field} がデータにないため、有効化後の変更かどうか判定できず、数えません。",
    ),
    "closed_by_name": ("taken as closed by their names alone: {stages}", "名前だけで完了とみなしたステージ: {stages}"),
    # Findings
    "cells": ("{file}: {column}", "{file} の列「{column:name}」"),
    "before": ("{activity} before {other}", "「{activity:name}」が「{other:name}」より前"),
    "silence": ("no event for more than {days} days", "{days}日を超えてイベントなし"),
    "hole": (
        "no event of any case for {days} days after {day}",
        "{day}以降{days}日間、全案件でイベントなし",
    ),
    "no_clock": ("their order within a day is not known", "同じ日の中での順序は不明"),
    "same_moment": ("events of one case at the same moment", "同一案件内で同時刻のイベント"),
    "seen_once": ("{activity:name}", "{activity:name}"),
    "missing": ("cases without {attribute}", "「{attribute:name}」が空の案件"),
    "alike": ("{of:name}: {names: = }", "{of:name}：{names: = }"),
}
# In a list of ids a name stands for itself; among words it needs its own sentence.
ON_PAGES = {"missing": "cases in which “{attribute:name}” is empty"}
