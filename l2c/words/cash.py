"""Phrases of the charts about quotes, payments and rework."""

from __future__ import annotations

# Name: (English, Japanese). What stands in braces is filled in, already formatted, by `words.say`.
PHRASES: dict[str, tuple[str, str]] = {
    "count.invoice.one": ("{n} invoice", "請求書{n}件"),
    "count.invoice.many": ("{n} invoices", "請求書{n}件"),
    "count.order.one": ("{n} order", "注文{n}件"),
    "count.order.many": ("{n} orders", "注文{n}件"),
    "count.quote.one": ("{n} quote", "見積{n}件"),
    "count.quote.many": ("{n} quotes", "見積{n}件"),
    "count.deal.one": ("{n} deal", "商談{n}件"),
    "count.deal.many": ("{n} deals", "商談{n}件"),
    "of_objects": ("{n} of {total}", "{total}中{n}件"),
    "landmarks.days": ("{n} days", "{n}日"),
    "range": ("{low} to {high}", "{low}～{high}"),
    "not_recorded": ("not recorded in this log", "このログには記録なし"),
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
    # Quotes
    "quotes.title": (
        "The longest phase is {step}: half take more than {median}",
        "最も長いのは「{step}」で、半数は{median}より長くかかる",
    ),
    "quotes.note": (
        "Bar: median days, among those that get there; thin line: nine in ten are done. Open ones count for as long "
        "as they have waited; lost deals are allowed for.",
        "棒は到達したものの中央値、細線は9割が終わるまでの日数。進行中は待った日数まで、失注も考慮。",
    ),
    "quotes.facts": ("{whom} · {cases}", "{whom}・{cases}"),
    # Landmarks
    "landmarks.title": (
        "Deals still waiting for acceptance after {days} are won in {waiting} of cases, those accepted by then in {accepted}",
        "{days}後も回答待ちの商談の受注率は{waiting}、それまでに受理された商談は{accepted}",
    ),
    "landmarks.title.none": (
        "Waiting for acceptance shows no clear link with winning",
        "見積の回答待ちと受注の間に明確な関連は見られない",
    ),
    "landmarks.title.few": (
        "Too few deals to tell what waiting for acceptance means for winning",
        "件数が少なく、回答待ちと受注の関係は判断できない",
    ),
    "landmarks.note": (
        "Deals open that many days after their first quote was sent, by whether it was accepted by then; share won "
        "within {horizon} from there (bars: 95 % interval). Not adjusted for segment or amount: "
        "those that wait differ in more than the wait.",
        "最初の見積発行からその日数後に進行中の商談を、それまでの受理の有無で区分し、その後{horizon}以内の受注率を示す(縦線は95%信頼区間)。"
        "セグメントや金額は未調整で、待ち以外の違いも含む。",
    ),
    "landmarks.axis": ("days since the quote was sent", "見積発行からの日数"),
    "landmarks.accepted": ("accepted by then", "それまでに受理"),
    "landmarks.waiting": ("still waiting", "まだ回答待ち"),
    "landmarks.won": ("share won", "受注率"),
    # Rework
    "rework.title": (
        "{share} of the orders are right the first time ({interval}); done again most often: {kind}, {worst}",
        "注文の{share}は一度で正しく処理({interval})。最も多いやり直しは「{kind}」の{worst}",
    ),
    "rework.title.kind": (
        "Done again most often: {kind}, {worst} ({interval})",
        "最も多いやり直しは「{kind}」の{worst}({interval})",
    ),
    "rework.title.none": ("Nothing on record was done twice", "記録された範囲ではやり直しは見られない"),
    "rework.title.unknown": (
        "Too little is on record to judge what was done twice",
        "記録が少なく、やり直しは判断できない",
    ),
    "rework.title.groups": (
        "{kind}: {share} with {worst} ({interval}), {rest} elsewhere",
        "「{kind}」は{worst}で{share}({interval})、ほかは{rest}",
    ),
    "rework.title.alike": (
        "{kind}: no clear difference between these groups ({low} to {high})",
        "「{kind}」にグループ間の明確な差は見られない({low}～{high})",
    ),
    "rework.note": (
        "Share of what is old enough to be judged, with 95 % interval. Only what was done again on the same order, "
        "quote or invoice counts; several orders of one deal do not.",
        "判定に十分な期間が過ぎたものに占める割合と95%信頼区間。同じ注文・見積・請求書でのやり直しだけを数え、一つの商談の複数の注文は含まない。",
    ),
    "rework.note.groups": (
        "By {attribute}: share of what is old enough to be judged, with 95 % interval. Not adjusted for other differences.",
        "{attribute}別。判定に十分な期間が過ぎたものに占める割合と95%信頼区間。他の要因は未調整。",
    ),
}
