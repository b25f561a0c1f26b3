"""The frame around a report: one page that loads nothing from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from html import escape

from l2c.show import conditions, csp, dates, markup
from l2c.show.behind import LEADS
from l2c.show.live import assets
from l2c.words import phrases

TITLES = {
    "report": ("Summary", "要約"),
    "02_prepare": ("Data and method", "データと方法"),
    "03_discover": ("Process", "プロセス"),
    "04a_time": ("Time", "時間"),
    "04b_deals": ("Deals", "商談"),
    "04c_money_and_rules": ("Money and rules", "お金とルール"),
    "05_improve": ("What a change brings", "改善の効果"),
    "06_monitor": ("Did it work?", "効果検証"),
    "06b_pipeline": ("Pipeline", "パイプライン"),
    "since_last": ("Since last time", "前回からの変化"),
}
WORDS = {
    "product": ("Lead to Cash", "リードから入金まで（Lead to Cash）"),
    "selection": ("Selection", "絞り込み"),
    "all": ("all cases", "すべてのデータ"),
}
# Sentences longer than this are cut where they can be, in the contents; of full-width signs it is more.
LONG_SENTENCE = 70
CSS = (
    """
@page{size:A4;margin:13mm 12mm 16mm;font:8pt system-ui,"Noto Sans CJK JP","Hiragino Sans",sans-serif;color:#5b6675;@bottom-right{content:counter(page) " / " counter(pages)}}
:root{--ink:#1f2937;--soft:#5b6675;--line:#e2e6ec;--accent:#1d4e89;--paper:#fff}
*{box-sizing:border-box}
body{margin:0;background:#f5f7fa;color:var(--ink);line-height:1.6;font-size:16px;
font-family:system-ui,-apple-system,"Segoe UI","Hiragino Sans","Noto Sans JP","Noto Sans CJK JP","Yu Gothic UI",
Meiryo,IPAexGothic,IPAGothic,sans-serif}
:lang(ja){word-break:auto-phrase}
header{background:var(--accent);color:#fff;padding:12px 24px}
header b{font-size:1.05rem}
header span{opacity:.9;font-size:.9rem;margin-left:10px}
nav{background:var(--paper);border-bottom:1px solid var(--line);padding:0 16px;overflow-x:auto;white-space:nowrap}
nav a{display:inline-block;padding:11px 12px;color:var(--soft);text-decoration:none;font-size:.93rem}
nav a[aria-current]{color:var(--accent);font-weight:600;box-shadow:inset 0 -3px var(--accent)}
main{max-width:1020px;margin:22px auto;background:var(--paper);border:1px solid var(--line);border-radius:10px;
padding:12px 36px 40px}
h1{font-size:1.75rem;line-height:1.3;margin:.9em 0 .5em}
h2{font-size:1.3rem;margin:1.2em 0 .4em;padding-top:.6em;border-top:1px solid var(--line)}
h3{font-size:1.08rem}
a{color:var(--accent)}
section>details{border-top:1px solid var(--line);padding:9px 0}
summary{cursor:pointer;color:var(--accent);font-weight:600}
.output h2{border:0;margin:.4em 0;padding:0}
.output img{display:block}
.failed{border-left:4px solid #c2410c;padding:.2em 1em}
img,svg{max-width:100%;height:auto}
table{border-collapse:collapse;font-size:.9rem;margin:.6em 0}
th,td{padding:5px 10px;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
:not(pre)>code{overflow-wrap:anywhere}
.output{margin:.5em 0;padding:0 2px;"""
    + markup.SIDEWAYS
    + """}
pre{white-space:pre-wrap;overflow-wrap:anywhere;font-size:.86rem;background:#f7f8fa;padding:8px 10px;border-radius:6px}
blockquote{margin:1em 0;padding:.2em 1em;border-left:4px solid var(--line);color:var(--soft)}
@media (max-width:640px){main{padding:4px 14px 28px;margin:0;border:0;border-radius:0}header,nav{padding-left:14px}
h1{font-size:1.4rem}
/* Multiplied, the white of a picture lets the shadow at the edge be seen. */
.sideways img{max-width:none;width:var(--least);mix-blend-mode:multiply}}
@media print{body{background:#fff;font-size:10.5pt;line-height:1.45}nav{display:none}
/* Bars are background, which a browser leaves out of what it prints unless told. */
main{border:0;margin:0;max-width:none;padding:0;print-color-adjust:exact;-webkit-print-color-adjust:exact}
header{color:#000;background:#fff;border-bottom:2px solid #000;padding:4px 0}
h1{font-size:17pt}h2{font-size:13pt;margin-top:1.2em}
p,li{orphans:3;widows:3}
/* No heading without what it announces: a cell that begins with one stays with the next, and nothing empty lies between. */
h1,h2,h3,h4{break-after:avoid;break-inside:avoid}
h2+p,h3+p{break-before:avoid;break-after:avoid}
img,svg,tr,figure,.output:has(>img,>svg,>picture){break-inside:avoid}
img,svg{max-height:21cm;min-width:0!important}
@page lying{size:A4 landscape}
section:has(.lying){page:lying}.lying svg{max-height:15cm}
table{break-inside:auto}thead{display:table-header-group}
table:not(:has(tr:nth-child(9))){break-inside:avoid}
/* What scrolls on a screen is cut on paper: it is set small and wraps instead. */
main div{overflow:visible!important}
.output,[style*="repeat local"]{background:none!important}
main table{font-size:8pt;max-width:100%}
main th,main td{white-space:normal!important;min-width:0!important;padding:2px 4px!important;overflow-wrap:break-word}
main table:has(th:nth-child(9)){font-size:7pt}
main table:has(th:nth-child(12)){font-size:6pt}
section>details{display:none}}
"""
)


def page(
    body: str,
    name: str,
    series: Sequence[str],
    lang: str,
    filters: Mapping[str, str],
    cases: str = "",
    *,
    client: str = "",
    day: date | None = None,
) -> str:
    """Put the cells of one notebook into a page with the way to the others.

    Parameters
    ----------
    body
        HTML of the cells.
    name, series
        The notebook, and all notebooks of the report in order.
    lang
        `en` or `ja`.
    filters
        Which cases the report is about.
    cases
        The list of its cases (`l2c.show.behind.listed`), for pages with numbers that lead to theirs.
    client, day
        For whom and when it was made, today unless given: both stand at the foot of every printed page.
    """
    said = phrases.series((conditions.condition(word, text, lang) for word, text in filters.items()), lang)
    said = said or _word("all", lang)
    links = "".join(_link(each, each == name, lang) for each in series)
    title = f"{_title(name, lang)} · {_word('product', lang)}"
    chosen = phrases.say("named", lang, name=_word("selection", lang), said=said)
    made = phrases.say("front.made", lang, day=dates.day(day or date.today(), lang))
    head = f"<b>{escape(client or _word('product', lang))}</b><span>{escape(chosen)}</span><span>{escape(made)}</span>"
    whole = f"<nav>{links}</nav><main>{body}</main>{_leading(body, cases)}"
    return _html(title, head, whole, lang, style=_foot(client, name, lang, day))


def framed(
    body: str,
    facts: Sequence[str],
    lang: str,
    *,
    cases: str = "",
    client: str = "",
    day: date | None = None,
    style: str = "",
) -> str:
    """Put the first page under a band: whose it is, what it is about, when it was made.

    Parameters
    ----------
    facts
        What it is about, a few words each.
    cases
        As for `page`.
    client, day
        For whom and when it was made, today unless given.
    style
        Style sheet of the page, for whose body the class is `front`.
    """
    whose = client or _word("product", lang)
    made = phrases.say("front.made", lang, day=dates.day(day or date.today(), lang))
    head = "".join(f"<span>{escape(fact)}</span>" for fact in (*facts, made))
    style += _foot(client, "report", lang, day)
    whole = f"<main>{body}</main>{_leading(body, cases)}"
    return _html(whose, f"<h1>{escape(whose)}</h1>{head}", whole, lang, style=style, kind="front")


def _leading(body: str, cases: str) -> str:
    """The list of cases, where a number leads to it."""
    return cases if LEADS in body else ""


def contents(chapters: Sequence[tuple[str, str]], lang: str) -> str:
    """List the other pages of a report, each with its own sentence in brief: `(notebook, sentence)`."""
    items = "".join(f"<p>{_link(name, False, lang)} {escape(brief(sentence))}</p>" for name, sentence in chapters)
    return f'<div class="l2c-contents">{items}</div>'


def brief(sentence: str) -> str:
    """A sentence without what stands in brackets and, where it is long, up to where it could end."""
    said = re.sub(r"\s*(\([^()]*\)|（[^（）]*）)", "", sentence)
    if len(said) <= LONG_SENTENCE:
        return said
    ends = [found.start() for found in re.finditer(r"[,;:] |[、；：]", said)]
    return said[: next((end for end in ends if end >= LONG_SENTENCE / 2), len(said))]


def sheet(title: str, body: str, lang: str) -> str:
    """Put what stands for itself on a page without a way to others."""
    return _html(title, f"<b>{_word('product', lang)}</b>", f"<main>{body}</main>", lang)


def _foot(client: str, name: str, lang: str, day: date | None) -> str:
    """What stands at the foot of every printed page, as the browser itself writes it: no script, no second document."""
    made = dates.day(day or date.today(), lang)
    left = " · ".join(filter(None, [client or _word("product", lang), _title(name, lang)]))
    return f"@page{{@bottom-left{{content:{_css(left)}}}@bottom-center{{content:{_css(made)}}}}}"


def _css(text: str) -> str:
    """Write any text as a string of a style sheet: what could end it, or the sheet, is written by its number."""
    return '"' + "".join(c if c.isalnum() or c in " ·-–.,()" else f"\\{ord(c):x} " for c in text) + '"'


def _html(title: str, head: str, body: str, lang: str, *, style: str = "", kind: str = "") -> str:
    style += assets.styles("rows") if 'class="l2c-rows' in body else ""
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{csp.REPORT}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{CSS}{style}</style></head>"
        # The report is light whatever the reader's system prefers; JupyterLab's word for that is known to its parts.
        f'<body class="{kind}" data-jp-theme-light="true"><header>{head}</header>{body}</body></html>'
    )


def _link(name: str, here: bool, lang: str) -> str:
    place = "index.html" if name == "report" else f"{name}.html"
    current = ' aria-current="page"' if here else ""
    return f'<a href="{place}"{current}>{escape(_title(name, lang))}</a>'


def _title(name: str, lang: str) -> str:
    return TITLES[name][lang == "ja"]


def _word(key: str, lang: str) -> str:
    return WORDS[key][lang == "ja"]
