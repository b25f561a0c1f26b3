"""What is open and what has ended, said of deals and of leads apart, in both languages."""

PHRASES: dict[str, tuple[str, str]] = {
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
    # The funnel
    "funnel.and": (" · ", "・"),
    "funnel.silent": ("{n} gone silent", "{n}件は音信不通"),
    "funnel.note.silent": (
        " Leads that have been silent longer than 99 % of those that went on count as dropped out ({n}).",
        "先に進んだものの99 %より長く動きのないリード({n}件)は離脱に数える。",
    ),
    # What a KPI still waits for
    "kpi.waiting": (", {n} still waiting", "(うち待機中{n})"),
    "kpi.unpaid": (", {n} not paid yet", "(うち未入金{n})"),
    # Those that it does not count yet
    "kpi.beside.open": (", {n} more still open", "(ほかに進行中{n})"),
    "kpi.beside.waiting": (", {n} more still waiting", "(ほかに待機中{n})"),
    "kpi.beside.due": (", {n} more not due yet", "(ほかに期日前{n})"),
    "kpi.beside.ended": (", {n} more not ended yet", "(ほかに未完了{n})"),
    "count.lead.one": ("{n} lead", "リード{n}件"),
    "count.lead.many": ("{n} leads", "リード{n}件"),
}
