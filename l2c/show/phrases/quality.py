"""Phrases of the data quality report."""

from __future__ import annotations

PHRASES: dict[str, tuple[str, str]] = {
    "quality.head": (
        "{read} rows read = {used} used + {out} set aside; {events} events",
        "読み込み{read}行 = 使用{used}行 + 隔離{out}行。イベント{events}件",
    ),
    "quality.bar": ("{share} of the rows could be used", "使用できた行は{share}"),
    "quality.clean": ("Every row could be used.", "すべての行を使用できました。"),
    "quality.reasons": ("Set aside, with the reason", "隔離した行とその理由"),
    "quality.reason": ("Reason", "理由"),
    "quality.count": ("Count", "件数"),
    "quality.of": ("Out of", "母数"),
    "quality.finding": ("Finding", "気づき"),
    "quality.detail": ("Detail", "内容"),
    "quality.findings": ("Noticed, and left as it is", "気づいた点(データは変更していません)"),
    "quality.notes": ("Good to know", "補足"),
    "quality.mapping": (
        "How the file was understood (the mapping, ready to save)",
        "ファイルの解釈(保存して使えるマッピング)",
    ),
    "quality.rows": ("The first rows set aside", "隔離した行(先頭)"),
    "reason.no case": ("no case", "案件IDなし"),
    "reason.no activity": ("no activity", "アクティビティなし"),
    "reason.no time": ("no time", "日時なし"),
    "reason.unreadable time": ("unreadable time", "日時を読み取れない"),
    "reason.out of range": ("time out of range", "日時が範囲外"),
    "reason.duplicate": ("exact duplicate", "完全な重複"),
    "reason.deleted": ("deleted in Salesforce", "Salesforceで削除済み"),
    "reason.malformed row": ("malformed row", "形式の崩れた行"),
    "finding.unreadable values": ("unreadable values", "読み取れない値"),
    "finding.out of process order": ("out of process order", "工程順と逆"),
    "finding.silent case": ("silent case", "長期間動きのない案件"),
    "finding.hole in the history": ("hole in the history", "履歴の空白期間"),
    "finding.dates without time": ("dates without time", "時刻のない日付"),
    "finding.probably the same name": ("probably the same name", "同じ名称の表記ゆれ"),
    "finding.activity seen once": ("activity seen once", "一度しか現れないアクティビティ"),
    "finding.moments shared": ("moments shared", "同時刻のイベント"),
    "finding.missing values": ("missing values", "欠損値"),
}
