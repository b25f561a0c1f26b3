"""How did this one deal go, step by step, and where did it wait longest?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from l2c.show import cells, dates, markup, numbers
from l2c.show.markup import Html, escape
from l2c.show.theme import ACCENT, GRID, INK, MUTED, PALE, WARM, WARM_PALE
from l2c.words import phrases, vocabulary

if TYPE_CHECKING:
    import pandas as pd


def timeline(df: pd.DataFrame, *, lang: str = "en", instance_url: str | None = None, title: str = "") -> Html:
    """Draw the events of one case from top to bottom, with the wait before each; the longest one is warm.

    Parameters
    ----------
    df
        The result of `discover.timeline`.
    lang
        `en` or `ja`.
    instance_url
        Address of the org (`https://acme.my.salesforce.com`), for links to the records. Anything but an https address
        makes no link, and neither does an id that is none of Salesforce's (15 or 18 letters and digits).
    title
        A line above; the case, its events and how long they took unless given.

    Returns
    -------
    HTML with a plain-text twin. Every text of the data is inert in it.
    """
    events = df.to_dict("records")
    if not events:
        nothing = phrases.say("nothing", lang)
        return Html(f'<div style="{markup.PAPER};font-size:13px">{escape(nothing)}</div>', nothing)
    waits = [float("nan"), *[event.get("wait_days") for event in events[:-1]]]
    longest = _longest(waits)
    head = title or _title(events, waits, lang)
    lines = [_line(event, wait, n == longest, lang) for n, (event, wait) in enumerate(zip(events, waits, strict=True))]
    items = "".join(
        _item(line, n == longest, _link(event, instance_url, lang))
        for n, (line, event) in enumerate(zip(lines, events, strict=True))
    )
    html = (
        f'<div style="{markup.PAPER};font-size:13px;padding:4px 8px"><div style="font-weight:600;margin-bottom:8px">'
        f'{escape(head)}</div><ol style="list-style:none;margin:0;padding:0">{items}</ol></div>'
    )
    return Html(html, "\n".join([head, *[" | ".join(filter(None, line)) for line in lines]]))


def _longest(waits: list[Any]) -> int | None:
    """Place of the event before which the case waited longest; None where it never waited."""
    known = [(wait, -n) for n, wait in enumerate(waits) if not numbers.is_missing(wait) and wait > 0]
    return -max(known)[1] if known else None


def _title(events: list[dict[Any, Any]], waits: list[Any], lang: str) -> str:
    known = [wait for wait in waits if not numbers.is_missing(wait)]
    case, many = events[0].get("case_id", ""), numbers.count(len(events), "event", lang)
    if not known:
        return phrases.say("timeline.title.one", lang, case=case, events=many)
    begun = [event["started"] for event in events if not numbers.is_missing(event.get("started"))]
    span = events[-1]["time"] - min([events[0]["time"], *begun]) if begun else None
    total = sum(known) if span is None else span.total_seconds() / 86_400
    return phrases.say("timeline.title", lang, case=case, events=many, days=numbers.days(total, lang))


def _line(event: dict[Any, Any], wait: Any, is_longest: bool, lang: str) -> tuple[str, str, str, str]:
    """Wait before the event, its time, its activity, and who did it, as texts."""
    waited = ""
    # Events of one moment waited for nothing.
    if not numbers.is_missing(wait) and wait > 0:
        waited = phrases.say("timeline.longest" if is_longest else "timeline.wait", lang, days=numbers.days(wait, lang))
    when = event["time"]
    # A date without a time is no midnight.
    dated = not numbers.is_missing(when) and event.get("precision") == "day"
    actor, begun = event.get("actor"), event.get("started", when)
    shown = f"{when:%Y-%m-%d}" if dated else dates.moment(when)
    if not numbers.is_missing(begun) and begun < when:
        shown = numbers.to(f"{begun:%Y-%m-%d}" if dated else dates.moment(begun), shown, lang)
    return (
        waited,
        shown,
        vocabulary.label(str(event["activity"]), lang),
        "" if numbers.is_missing(actor) else str(actor),
    )


def _item(line: tuple[str, str, str, str], is_longest: bool, link: str) -> str:
    waited, when, activity, actor = map(escape, line)
    # Warm letters on the pale warm ground would be hard to read.
    colour, ground = (INK, f"background:{WARM_PALE};font-weight:600;") if is_longest else (MUTED, "")
    gap = (
        f'<div style="margin-left:4px;padding:5px 0 5px 18px;border-left:2px solid {WARM if is_longest else PALE}">'
        f'<span style="color:{colour};{ground}padding:1px 6px;border-radius:4px">{waited}</span></div>'
    )
    dot = f'<span style="flex:none;width:10px;height:10px;border-radius:5px;background:{ACCENT}"></span>'
    date = f'<span style="color:{MUTED};font-variant-numeric:tabular-nums;white-space:nowrap">{when}</span>'
    who = f"<span>{actor}</span>" if actor else ""
    about = f'<span style="margin-left:auto;font-size:12px;color:{MUTED};overflow-wrap:anywhere">{link}</span>'
    row = "display:flex;flex-wrap:wrap;align-items:baseline;gap:2px 10px;padding:2px 0"
    return (
        f'<li style="margin:0">{gap if waited else ""}<div style="{row};border-bottom:1px solid {GRID}">{dot}{date}'
        f'<b style="font-weight:600">{activity}</b>{who}{about}</div></li>'
    )


def _link(event: dict[Any, Any], instance_url: str | None, lang: str) -> str:
    """HTML of the record that the event is about, else of the case: a link where there can be a page, else its id."""
    record = event.get("object_id")
    record = str(event.get("case_id", "") if numbers.is_missing(record) else record)
    address = cells.record(record, instance_url)
    return (
        escape(record) if address is None else cells.Link(phrases.say("timeline.open", lang, id=record), address).html
    )
