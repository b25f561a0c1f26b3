"""Remarks that the reader and the measures make in English, and how they read in Japanese.

A pattern and its translation, which takes the groups of the pattern; of the group `names` each part is an activity.
"""

from __future__ import annotations

import re

from l2c.words import vocabulary
from l2c.words.phrases import language

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
    (r"steps on documents without a number are not counted", "番号のない書類の手順は数えません"),
    (r"acceptance not recorded: (\d+) of (\d+) won deals", "受注{1}件のうち承諾の記録がないもの: {0}件"),
    (r"too few deals to compare", "商談が少なく比較できない"),
    (r"fewer than (\d+) deals", "商談が{0}件未満"),
    (r"fewer than (\d+) answers", "回答が{0}件未満"),
    (r"no revisions recorded", "修正の記録がない"),
    (r"no answers recorded", "回答の記録がない"),
    (r"no opportunities recorded", "商談の記録がない"),
    # Discounts
    (r"no discounts, or too few closed deals", "割引がないか、完了した商談が少なすぎる"),
    (r"silent: no answer for (\d+) days", "{0}日以上回答がないものを音信不通とする"),
    (
        r"discounts are known for won deals and not for lost ones, or the other way round",
        "割引率が受注・失注の一方でしか分からない",
    ),
    (r"too few deals with a known discount, won and lost", "割引率の分かる受注・失注が少なすぎる"),
    (r"deals that are alike all have the same discount", "似た商談の割引率がすべて同じ"),
    (r"two ways of adjusting disagree about the sign", "2つの調整方法で符号が一致しない"),
    (
        r"an unseen factor as strong as the strongest one in the log could undo it",
        "ログ内で最も強い要因と同程度の未観測の要因があれば覆る",
    ),
    (
        r"the log does not hold (?P<names>.+), which may drive both discounts and losses",
        "割引と失注の両方に影響しうる項目がログにない: {names}",
    ),
    (r"the log does not hold (?P<names>.+)", "ログにない項目: {names}"),
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
        r"([\d,]+) rows of ([\d,]+) objects pulled from (.+) with ([\d,]+) API requests"
        r"(?: \(([\d,]+) of ([\d,]+) in 24 hours\))?\.",
        "{2} からAPIリクエスト{3}回で{1}オブジェクト{0}行を取得しました。",
    ),
    (r"not visible to this user or not there: (.+)\.", "このユーザーには見えないか、存在しません: {0}。"),
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
    (r"columns are separated by tabs", "列の区切りはタブ"),
    (r"columns are separated by semicolons", "列の区切りはセミコロン"),
    (r"columns are separated by bars", "列の区切りは縦線"),
    (r"the encoding is (.+)", "文字コードは {0}"),
    (r"the table starts in line ([\d,]+), below ([\d,]+) lines of title", "表は{0}行目から(その上に見出し文{1}行)"),
    (r"the table starts in row ([\d,]+)", "表は{0}行目から"),
    (
        r"([\d,]+) footer lines left out \(lines ([\d,]+) to ([\d,]+)\): (.+)",
        "末尾の{0}行({1}～{2}行目)は表の行ではないため除外: {3}",
    ),
    (
        r"([\d,]+) blank cells of grouped rows take the value of their group",
        "グループ化された行の空欄{0}個にはグループの値を補います",
    ),
    (
        r"(.+) could each be (.+); (.+) was taken, the others are kept under their own names .*",
        "{0} はいずれも「{1}」と読めます。{2} を使い、ほかは元の名前のまま残します(--map {1}=… で変更できます)。",
    ),
    (
        r"(.+) could mean (.+), but (.+) does already; both are kept\. .*",
        "{0} は「{1}」とも読めますが、すでに {2} がそれに当たるため、両方を残します。"
        "同じものであれば、マッピングファイル(activities)で指定してください。",
    ),
    (
        r"(.+) was not used: no stage and no won flag say which deals are closed\. .*",
        "{0} は使いません。完了した商談を示すステージも受注フラグもないためです。--map stage=列名 で指定できます。",
    ),
    (r"Only ([\d,]+) of the ([\d,]+) quarantined rows are listed\.", "隔離した{1}行のうち{0}行だけを一覧に示します。"),
    (
        r"(.+) has no column source_row, so events of one moment stand in process order and then by their content\.",
        "{0} に列 source_row がないため、同時刻のイベントは工程順、次に内容の順に並べます。",
    ),
    (
        r"commas and points are used both ways in this column; each value that shows its way was read so",
        "この列ではコンマとピリオドが二通りに使われています。どちらか分かる値はそのとおりに読みました",
    ),
    (
        r"(.+) was read with a decimal point; nothing in the column says otherwise",
        "{0} のピリオドは小数点として読みました(この列に反する値はありません)",
    ),
    (
        r"read as percent, because some values are above 1; those below 1 are then below one percent",
        "1を超える値があるため百分率として読みました。1未満の値は1%未満とみなします",
    ),
    (
        r"A sample: every case of ([\d,]+) in the order of their starts\.",
        "標本: 開始順に{0}件ごとに1件を抽出しました。",
    ),
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
        "{0}: {1} の次の値はアクティビティになりません: {2}。必要なら `l2c template` が書き出す salesforce.yaml の写しに加えてください。",
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


def note(text: str, lang: str = "en") -> str:
    """A remark of the reader or of a measure in the reader's language; one that is not known stays as it is."""
    if language(lang) == "en":
        return text
    for pattern, japanese in NOTES:
        if match := re.fullmatch(pattern, text):
            names = match.groupdict().get("names") or ""
            said = "、".join(vocabulary.label(each, lang) for each in names.split(", "))
            return japanese.format(*match.groups(), names=said)
    # A remark on a file, or on a column of it, begins with their names.
    for found in re.finditer(": ", text):
        if (rest := note(text[found.end() :], lang)) != text[found.end() :]:
            return f"{text[: found.start()]}: {rest}"
    return text
