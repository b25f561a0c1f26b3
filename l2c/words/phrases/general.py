"""Phrases that stand in many places: counts, axes, what is open and what has ended, nothing to show."""

PHRASES: dict[str, tuple[str, str]] = {
    # Counting
    "count.case.one": ("{n} case", "{n}件"),
    "count.case.many": ("{n} cases", "{n}件"),
    "count.event.one": ("{n} event", "{n}イベント"),
    "count.event.many": ("{n} events", "{n}イベント"),
    "count.row.one": ("{n} row", "{n}行"),
    "count.row.many": ("{n} rows", "{n}行"),
    "count.variant.one": ("{n} variant", "{n}通り"),
    "count.variant.many": ("{n} variants", "{n}通り"),
    "per_day": ("{amount} a day", "{amount}/日"),
    "of": ("{n} of {total}", "{total}中{n}件"),
    "nothing": (
        "Nothing to show: these cases hold nothing of it, or too little.",
        "表示するデータがありません(該当する記録がないか、少なすぎます)。",
    ),
    "nothing.cases": (
        "Nothing to show: this selection holds no cases.",
        "表示するデータがありません(該当する案件がありません)。",
    ),
    "yes": ("yes", "はい"),
    "no": ("no", "いいえ"),
    "more_rows": ("{n} more [n?row is|rows are] not shown.", "ほか{n}行は省略しています。"),
    # Axes
    "axis.hours": ("hours", "時間"),
    "axis.days": ("days", "日数"),
    "axis.months": ("months", "か月"),
    # Dotted chart
    "others": ("others", "その他"),
    # Tables
    "start": ("(start)", "(開始)"),
    "end": ("(end)", "(終了)"),
    "no_rows": ("No rows.", "該当する行はありません。"),
    # Outcomes
    "status.open": ("open", "進行中"),
    "status.won": ("won", "受注"),
    "status.lost": ("lost", "失注"),
    "status.paid": ("paid", "入金済み"),
    # Elsewhere
    "saved": ("Saved as {name}.", "{name} として保存しました。"),
    "count.invoice.one": ("{n} invoice", "請求書{n}件"),
    "count.invoice.many": ("{n} invoices", "請求書{n}件"),
    "count.order.one": ("{n} order", "注文{n}件"),
    "count.order.many": ("{n} orders", "注文{n}件"),
    "count.quote.one": ("{n} quote", "見積{n}件"),
    "count.quote.many": ("{n} quotes", "見積{n}件"),
    "count.deal.one": ("{n} deal", "商談{n}件"),
    "count.deal.many": ("{n} deals", "商談{n}件"),
    "of_objects": ("{n} of {total}", "{total}中{n}件"),
    "range": ("{low} to {high}", "{low}～{high}"),
    "not_recorded": ("not recorded in this log", "このログには記録なし"),
    # Of which cases a page is about: deals, and leads that became none
    "standing.deals": ("{n} deals", "商談{n}件"),
    "standing.deals.one": ("{n} deal", "商談{n}件"),
    "standing.leads": ("{n} leads without a deal", "商談にならなかったリード{n}件"),
    "standing.leads.one": ("{n} lead without a deal", "商談にならなかったリード{n}件"),
    "standing.both": ("{deals} and {leads}", "{deals}と{leads}"),
    "standing.parts": ("{whole} ({parts})", "{whole}({parts})"),
    "standing.whole": ("{whole}: {parts}", "{whole}：{parts}"),
    "standing.of": (", ", "、"),
    "standing.open": ("{n} open", "進行中{n}"),
    "standing.won": ("{n} won", "受注{n}"),
    "standing.lost": ("{n} lost", "失注{n}"),
    "standing.silent": ("{n} silent", "音信不通{n}"),
    "standing.lead_lost": ("{n} disqualified", "不適格{n}"),
    # Outcomes
    "status.lead_lost": ("lead disqualified", "リード不適格"),
    "outcome.lead_lost": ("lead disqualified", "リード不適格"),
    "outcome.open.both": ("open (deals and leads)", "進行中(商談・リード)"),
    "count.lead.one": ("{n} lead", "リード{n}件"),
    "count.lead.many": ("{n} leads", "リード{n}件"),
}
