"""Remarks that the reader and the measures make in English, and how they read in Japanese.

A pattern and its translation, which takes the groups of the pattern; of the group `names` each part is an activity.
"""

from __future__ import annotations

NOTES: tuple[tuple[str, str], ...] = (
    # Measures
    (r"too many negative durations: (\d+) of (\d+)", "負の日数が多すぎる({1}件中{0}件)"),
    (r"negative durations left out: (\d+) of (\d+)", "負の日数を除外({1}件中{0}件)"),
    (r"end not recorded: (\d+) of (\d+)", "終了の記録なし({1}件中{0}件)"),
    (r"fewer than half have got there yet", "到達したのは半数未満"),
    (r"nothing to measure in these data", "測定できるデータがない"),
    (r"neither payment terms nor due dates", "支払条件も支払期日もない"),
    (r"no corrections or cancellations recorded", "修正や取消の記録がない"),
    (r"amounts in (\d+) currencies", "{0}通貨の金額が混在"),
    (r"amount known for (\d+) of (\d+) lost deals", "失注{1}件のうち金額が分かるのは{0}件"),
    (r"amount known for (\d+) of (\d+) open deals", "進行中{1}件のうち金額が分かるのは{0}件"),
    # Money
    (r"cancelled and left out: (\d+)", "取消済みで除外: {0}件"),
    (r"credited in full and left out: (\d+)", "全額クレジット済みで除外: {0}件"),
    (r"no payments recorded", "入金の記録がない"),
    (r"amounts not known", "金額が不明"),
    (r"due date not known: (\d+) of (\d+)", "支払期日が不明({1}件中{0}件)"),
    (r"only (\d+) days of invoices", "請求書は{0}日分のみ"),
    (r"monthly sales vary: use the count-back", "月次売上の変動が大きいためカウントバック法を推奨"),
    (
        r"amount of the deal split evenly among its invoices: (\d+) of (\d+)",
        "商談の金額を請求書に均等配分({1}件中{0}件)",
    ),
    (
        r"invoices whose payments name none of them, taken together by deal: (\d+)",
        "入金が請求書を示さないため、商談ごとにまとめた請求書: {0}件",
    ),
    # Reading
    (
        r"Amounts are in (.+)\. They were not converted, .*",
        "金額は{0}建てです。換算していないため、通貨をまたいで合計しません。フィルターで通貨を1つ選ぶか、先に換算してください。",
    ),
    (
        r"The source says that its amounts are in (\w+); --currency (\w+) was not used\.",
        "データでは金額の通貨は{0}です。--currency {1} は使いません。",
    ),
    (
        r"Amounts are converted to (\w+) at the rate of their close date\.",
        "金額は完了予定日のレートで{0}に換算しました。",
    ),
    (
        r"Amounts are converted to (\w+) at the rate of their close date\. Without a rate, and so kept apart: (.+)\.",
        "金額は完了予定日のレートで{0}に換算しました。レートがなく別扱いの通貨: {1}。",
    ),
    (r"(.+): columns are separated by tabs", "{0}: 列の区切りはタブ"),
    (r"(.+): columns are separated by semicolons", "{0}: 列の区切りはセミコロン"),
    (r"(.+): columns are separated by bars", "{0}: 列の区切りは縦線"),
    (r"(.+) is empty\.", "{0} は空です。"),
    (r"(.+) has a header and no rows\.", "{0} は見出しだけで行がありません。"),
    (
        r"Opportunity: ([\d,]+) rows are product lines of ([\d,]+) deals; each deal counts once\.",
        "Opportunity: {0}行は商談{1}件の商品明細です。商談は1回だけ数えます。",
    ),
    (
        r"([\d,]+) rows are product lines of ([\d,]+) deals: each deal and its amount counts once\.",
        "{0}行は商談{1}件の商品明細です。商談と金額は1回だけ数えます。",
    ),
    (
        r"(.+) was left out: it is no object that the mapping reads \(([\d,]+) rows\)\.",
        "{0} は読み込みません。マッピングにないオブジェクトです({1}行)。",
    ),
    (
        r"(.+) was left out: it does not hold events \(([\d,]+) rows\)\.",
        "{0} は読み込みません。イベントではありません({1}行)。",
    ),
    (r"(.+) was left out: another sheet holds the events\.", "{0} は読み込みません。イベントは別のシートにあります。"),
    (
        r"Changes of owner are not recorded: the owner of today stands for the whole life of a deal\.",
        "所有者の変更が記録されていないため、現在の所有者を商談の全期間の担当者とします。",
    ),
    (
        r"There is no Opportunity in the source: .*",
        "データに商談(Opportunity)がありません。ログはリードだけになり、商談に属する行は隔離します。",
    ),
    (
        r"(.+): ([\d,]+) times lie after the extraction or before 1970 and were not used\.",
        "{0}: データ抽出より後、または1970年より前の日時が{1}件あり、使いません。",
    ),
    (
        r"(\w+) has no (.+): (?P<names>.+) cannot be told from it\.",
        "{0} に {1} がないため、「{names}」は分かりません。",
    ),
    (
        r"(\w+): these values of (\w+) are no activity: (.+?)(?: and (\d+) more)?\. If one should be, .*",
        "{0}: {1} の次の値はアクティビティになりません: {2}。必要なら data_templates/salesforce.yaml の写しに加えてください。",
    ),
    (
        r"(.+) is not in the source: changes of what was in force already cannot be told and are not counted\.",
        "{0} がデータにないため、有効化後の変更かどうか判定できず、数えません。",
    ),
    (r"taken as closed by their names alone: (.+)", "名前だけで完了とみなしたステージ: {0}"),
    (
        r"([\d,]+) deals came with a 15-character id here and the same id in 18 characters there; they are one\.",
        "商談{0}件は15桁と18桁のIDで現れたため、同じ商談としてまとめました。",
    ),
)
