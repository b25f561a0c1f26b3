"""The frame around a report: one page that loads nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from l2c.show import conditions, csp, numbers
from l2c.show.behind import LEADS
from l2c.words import phrases, vocabulary

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
    "all": ("all cases", "すべての商談"),
    "reports": ("One report for each {attribute}", "{attribute}別のレポート"),
    "without": ("cases without a value are in none of these reports", "値のない商談はどのレポートにも含まず"),
}
CSS = """
:root{--ink:#1f2937;--soft:#5b6675;--line:#e2e6ec;--accent:#1d4e89;--paper:#fff}
*{box-sizing:border-box}
body{margin:0;background:#f5f7fa;color:var(--ink);line-height:1.6;font-size:16px;
font-family:system-ui,-apple-system,"Segoe UI","Hiragino Sans","Noto Sans JP","Noto Sans CJK JP","Yu Gothic UI",
Meiryo,IPAexGothic,IPAGothic,sans-serif}
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
.output{overflow-x:auto;margin:.5em 0}
pre{white-space:pre-wrap;overflow-wrap:anywhere;font-size:.86rem;background:#f7f8fa;padding:8px 10px;border-radius:6px}
blockquote{margin:1em 0;padding:.2em 1em;border-left:4px solid var(--line);color:var(--soft)}
@media (max-width:640px){main{padding:4px 14px 28px;margin:0;border:0;border-radius:0}header,nav{padding-left:14px}
h1{font-size:1.4rem}}
@media print{body{background:#fff}nav{display:none}main{border:0;margin:0;max-width:none;padding:0}
header{color:#000;background:#fff;border-bottom:2px solid #000}
svg,img,table,.output{break-inside:avoid}section>details{display:none}svg,img{max-height:23cm}}
"""


def page(body: str, name: str, series: Sequence[str], lang: str, filters: Mapping[str, str], cases: str = "") -> str:
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
    """
    said = ("；" if lang == "ja" else "; ").join(
        conditions.condition(word, text, lang) for word, text in filters.items()
    ) or _word("all", lang)
    links = "".join(_link(each, each == name, lang) for each in series)
    title = f"{_title(name, lang)} · {_word('product', lang)}"
    chosen = phrases.say("named", lang, name=_word("selection", lang), said=said)
    head = f"<b>{_word('product', lang)}</b><span>{escape(chosen)}</span>"
    return _html(title, head, f"<nav>{links}</nav><main>{body}</main>{cases if LEADS in body else ''}", lang)


def index(by: str, entries: Sequence[tuple[str, str, int]], without: int, lang: str) -> str:
    """List the reports made for the values of one attribute: `(value, folder, cases)` each."""
    items = "".join(
        f'<li><a href="{escape(folder, quote=True)}/index.html">{escape(value)}</a> · {numbers.count(cases, "case", lang)}</li>'
        for value, folder, cases in entries
    )
    rest = f"<p>{without:,} {_word('without', lang)}</p>" if without else ""
    heading = _word("reports", lang).format(attribute=vocabulary.label(by, lang))
    body = f"<main><h1>{escape(heading)}</h1><ul>{items}</ul>{rest}</main>"
    return _html(heading, f"<b>{_word('product', lang)}</b>", body, lang)


def contents(chapters: Sequence[tuple[str, str]], lang: str) -> str:
    """List the other pages of a report, each with its own sentence: `(notebook, sentence)`."""
    return "".join(f"<p>{_link(name, False, lang)} {escape(sentence)}</p>" for name, sentence in chapters)


def sheet(title: str, body: str, lang: str) -> str:
    """Put what stands for itself on a page without a way to others."""
    return _html(title, f"<b>{_word('product', lang)}</b>", f"<main>{body}</main>", lang)


def _html(title: str, head: str, body: str, lang: str) -> str:
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{csp.REPORT}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{CSS}</style></head>"
        # The report is light whatever the reader's system prefers; JupyterLab's word for that is known to its parts.
        f'<body data-jp-theme-light="true"><header>{head}</header>{body}</body></html>'
    )


def _link(name: str, here: bool, lang: str) -> str:
    place = "index.html" if name == "report" else f"{name}.html"
    current = ' aria-current="page"' if here else ""
    return f'<a href="{place}"{current}>{escape(_title(name, lang))}</a>'


def _title(name: str, lang: str) -> str:
    return TITLES[name][lang == "ja"]


def _word(key: str, lang: str) -> str:
    return WORDS[key][lang == "ja"]
