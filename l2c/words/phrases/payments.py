"""Phrases of the charts about payments, ageing and late customers."""

PHRASES: dict[str, tuple[str, str]] = {
    "no_invoices": (
        "These cases hold no invoices with payments on record, so nothing can be said about what is paid or overdue.",
        "入金まで記録された請求書がないため、入金や期日超過については何も言えません。",
    ),
    # Payments
    "payments.title": (
        "Half of the invoices are paid within {days}; {share} are paid late ({interval})",
        "請求書の半数は{days}以内に入金、{share}は期日に遅れる({interval})",
    ),
    "payments.title.no_due": (
        "Half of the invoices are paid within {days}; without due dates nobody can say which were late",
        "請求書の半数は{days}以内に入金(期日が不明なため、遅延は判定できない)",
    ),
    "payments.title.open": (
        "Fewer than half of the invoices have been paid so far",
        "入金済みの請求書はまだ半数に満たない",
    ),
    "payments.title.groups": (
        "{share} of the invoices are late with {worst} ({interval}), {least} with {best}",
        "{worst}は請求書の{share}が遅延({interval})、{best}は{least}",
    ),
    "payments.title.alike": (
        "No clear difference between these groups: {low} to {high} of the invoices are late",
        "グループ間の遅延率に明確な差は見られない({low}～{high})",
    ),
    "payments.note": (
        "By {attribute}. Dot: half are paid by then (line: 95 % interval). Upright mark: usual due day. "
        "Right: share paid or open after the due date. Open invoices count for as long as they are known. "
        "Not adjusted for other differences.",
        "{attribute}別。点は半数が入金済みになる日数(線は95%信頼区間)、縦の印は通常の期日。右は期日に遅れた割合(未払いの超過を含む)。"
        "未入金の請求書も経過日数分を反映。他の要因は未調整。",
    ),
    "payments.note.all": (
        "Dot: half are paid by then (line: 95 % interval). Upright mark: usual due day. "
        "Right: share paid or open after the due date. Open invoices count for as long as they are known.",
        "点は半数が入金済みになる日数(線は95%信頼区間)、縦の印は通常の期日。右は期日に遅れた割合(未払いの超過を含む)。"
        "未入金の請求書も経過日数分を反映。",
    ),
    "payments.all": ("All invoices", "すべての請求書"),
    "payments.late": ("late", "遅延"),
    "payments.axis": ("days from sending the invoice", "請求書送付からの日数"),
    "payments.more": ("{n} more [n?group is|groups are] not shown.", "ほか{n}グループは省略。"),
    # Ageing
    "ageing.title": (
        "{overdue} of {open} open is overdue, {old} of it by more than 90 days",
        "未入金{open}のうち{overdue}が期日超過、うち{old}は90日超",
    ),
    "ageing.title.count": (
        "{overdue} of {open} open invoices are overdue, {old} of them by more than 90 days",
        "未入金の請求書{open}件のうち{overdue}件が期日超過、うち{old}件は90日超",
    ),
    "ageing.title.none": (
        "Nothing is overdue: {open} open and not due yet",
        "期日超過はなし。未入金{open}はすべて期日前",
    ),
    "ageing.title.paid": ("Every invoice is paid", "すべての請求書が入金済み"),
    "ageing.note": (
        "Invoices still open on the day of the export, by days since their due date.",
        "データ抽出日時点で未入金の請求書を、期日からの経過日数で区分。",
    ),
    # Late customers
    "late_customers.title": (
        "Late payments cost {cost} at {rate} a year; {n} customers make up {share} of it",
        "支払い遅延のコストは{cost}(年利{rate})。上位{n}社で{share}を占める",
    ),
    "late_customers.title.few": (
        "Late payments cost {cost} at {rate} a year, {first} most",
        "支払い遅延のコストは{cost}(年利{rate})。最大は{first}の分",
    ),
    "late_customers.note": (
        "Bar: amount × days beyond the due date × yearly rate / 365, so far. Beside it: amount paid late or overdue, "
        "and its mean days late. A sum of what happened, not an estimate.",
        "棒は 金額×期日超過日数×年利÷365(現時点まで)。右は遅延・超過した金額とその平均遅延日数。推定ではなく実績の合計。",
    ),
    "late_customers.unknown": (
        "What late payments cost cannot be told: amounts, due dates or customers are not known, or not in one currency",
        "支払い遅延のコストは算出できない(金額・期日・取引先が不明、または通貨が混在)",
    ),
    "late_customers.none": ("No invoice was paid late", "期日に遅れた請求書はない"),
    "late_customers.facts": ("{amount} late, {days} on average", "遅延{amount}、平均{days}"),
    "late_customers.unnamed": ("(no customer recorded)", "(取引先の記録なし)"),
}
