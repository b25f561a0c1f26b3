"""When must an invoice be paid? Payment terms as people write them, and the day they lead to."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

# Days that a calendar month may stand for: 30日サイト after a closing day is a month, as in every such contract.
MONTH = 30
LAST = 31


class Terms(NamedTuple):
    """What was agreed, applied in this order.

    Attributes
    ----------
    closing
        Invoices after this day of the month count as the next month's; None where nothing closes.
    months
        Whole months on; None where only days are counted.
    day
        Day of that month, the last one where the month is shorter (31: always the last); None keeps the day.
    days
        Days on from there.
    """

    closing: int | None = None
    months: int | None = None
    day: int | None = None
    days: int = 0

    @property
    def plain(self) -> bool:
        """Whether the terms are nothing but a number of days from the invoice's date."""
        return self.months is None


class Discount(NamedTuple):
    """A cash discount: a `share` of the invoice for paying within `days`, after the end of its month where `of_month`."""

    share: float
    days: int
    of_month: bool = False


# More than this is no cash discount, and longer than this no reward for paying soon.
LARGEST_SHARE, LONGEST_DAYS = 0.10, 90


def discounts(text: str) -> tuple[Discount, ...]:
    """Read the cash discounts that payment terms name.

    Parameters
    ----------
    text
        Such as `2/10 net 30`, `2% 10, net 30`, `2% 10 Tage, 30 Tage netto`, `10 Tage 3 % Skonto, 20 Tage 2 %, 30 Tage netto`,
        `10日以内2%割引、30日`, `2/10 EOM`.

    Returns
    -------
    The discounts, the soonest first; none where the text names none.
    """
    return _discounts(_plain(text))[0]


def discount_day(sent: int, agreed: Discount) -> int:
    """Day by which an invoice must be paid for the discount; both in days since 1970."""
    return due_day(sent, Terms(months=0, day=LAST, days=agreed.days)) if agreed.of_month else sent + agreed.days


def terms(text: str) -> Terms | None:
    """Read payment terms.

    Parameters
    ----------
    text
        Such as `30`, `Net 30`, `2/10 net 30`, `30日`, `Due on receipt`, `Net 30 EOM`, `EOM`, `15 MFI`, `10th prox`,
        `月末締め翌月末払い`, `20日締め翌々月10日払い`, `末締め60日サイト`.

    Returns
    -------
    The terms, or None for a text that does not tell.

    Notes
    -----
    `Net 30 EOM` is 30 days after the end of the month of the invoice, `EOM` that end itself, `15 MFI` (and `15th prox`)
    the 15th of the following month. Months are counted from the date of the invoice, which in Japan is as a rule
    the closing day itself.
    """
    return _terms(_discounts(_plain(text))[1])


def due_day(sent: int, agreed: Terms) -> int:
    """Day by which an invoice must be paid; both in days since 1970."""
    if agreed.months is None:
        return sent + agreed.days
    origin = date(1970, 1, 1)
    start = origin + timedelta(days=sent)
    months = start.year * 12 + start.month - 1 + agreed.months
    if agreed.closing is not None and start.day > agreed.closing:
        months += 1
    first, following = date(months // 12, months % 12 + 1, 1), date((months + 1) // 12, (months + 1) % 12 + 1, 1)
    length = (following - first).days
    day = min(agreed.day or start.day, length)
    return (first - origin).days + day - 1 + agreed.days


def _plain(text: str) -> str:
    """In capitals and narrow signs; a comma is one of numbers only before a percent sign."""
    text = unicodedata.normalize("NFKC", text).upper().replace("パーセント", "%").replace("PERCENT", "%")
    return " ".join(re.sub(r"(?<=\d),(?=\d{1,2} ?%)", ".", text).replace(",", " ").replace("、", " ").split())


_DAYS = r"(\d{1,3}) ?(?:DAYS?|TAGEN?|TG|T|D|日)?(?:以内|まで)?"
_SHARE = r"(\d{1,2}(?:\.\d+)?)"
# Share first: 2/10, 2% 10 days; days first: 10 Tage 2%, 10日以内2%割引, 14/3%.
_SHARE_FIRST = re.compile(rf"(?<![\d/.]){_SHARE} ?(?:% ?/?|/)(?:[^\d%]{{0,30}}?){_DAYS}(?! ?%)(?!\d)")
_DAYS_FIRST = re.compile(
    rf"(?<![\d/.])(\d{{1,3}}) ?(?:(?:DAYS?|TAGEN?|TG|T|D|日)[^\d%]{{0,20}}|/ ?){_SHARE} ?%(?:割引|引き|引|[^\d%]{{0,9}}(?:SKONTO|DISCOUNT))?"
)
_NET = re.compile(
    r"\b(?:NETTO|NET|N|NT)[ /]*(?:IN )?\d{1,3}(?: ?(?:DAYS?|TAGEN?))?|\b\d{1,3} ?(?:DAYS?|TAGEN?)? ?(?:REIN )?(?:NETTO|NET)\b(?![ /]*\d)|正味 ?\d{1,3} ?日"
)


@cache
def _discounts(text: str) -> tuple[tuple[Discount, ...], str]:
    """The discounts of terms in plain form, and what is left of the text: when the whole is due."""
    if "%" not in text and not re.search(r"(?<![\d/.])\d{1,2}(?:\.\d+)? ?/ ?\d{1,2}(?![\d/])", text):
        return (), text
    if re.search(r"\bLATE\b|INTEREST|\bFEE\b|PENALT|SURCHARGE|延滞|遅延|利息|VERZUG|MAHN", text):
        # A share for paying late is no discount for paying soon.
        return (), text
    # What is due whole is none; its place is kept, so that words left and right of it do not run together.
    bare = _NET.sub(lambda match: "|" * len(match[0]), text)
    percent, first = bare.find("%"), _DAYS_FIRST.search(bare)
    days_first = first is not None and first.start() < percent and not _SHARE_FIRST.match(bare, first.start())
    of_month = bool(re.search(r"\bEOM\b|END OF (?:THE )?MONTH|MONATSENDE|\bPROX", text))
    found, spans = [], []
    for match in (_DAYS_FIRST if days_first else _SHARE_FIRST).finditer(bare):
        share, days = (match[2], match[1]) if days_first else (match[1], match[2])
        if 0 < float(share) / 100 <= LARGEST_SHARE and 0 <= int(days) <= LONGEST_DAYS:
            found.append(Discount(float(share) / 100, int(days), of_month))
            spans.append(match.span())
    # Without a percent sign and without a whole amount beside them, two numbers are a date or two instalments.
    if "%" not in text and bare == text and not of_month:
        return (), text
    for begin, end in reversed(spans):
        text = text[:begin] + " " + text[end:]
    return tuple(sorted(found, key=lambda each: each.days)), " ".join(text.split())


@cache
def _terms(text: str) -> Terms | None:
    if found := _japanese(text):
        return found
    if found := _of_a_month(text):
        return found
    if match := re.fullmatch(r"(\d{1,3})(?:\.0+)?", text):
        return Terms(days=int(match[1]))
    if re.search(
        r"ON RECEIPT|UPON RECEIPT|\bRECEIPT\b|IMMEDIATE|\bCOD\b|\bCASH ON DELIVERY\b|PREPA|\bCIA\b|IN ADVANCE|\bSOFORT\b|VORKASSE",
        text,
    ):
        return Terms(days=0)
    # In "2/10 NET 30" the discount for paying early comes first.
    for form in (
        r"\b(?:NETTO|NET|N|NT)[ /]*(?:IN )?(\d{1,3})\b",
        r"\b(\d{1,3}) ?(?:(?:DAYS?|TAGEN?) )?(?:NETTO|NET)\b",
        r"\b(\d{1,3}) ?(?:DAYS?|D|TAGEN?)\b",
        r"正味 ?(\d{1,3})",
    ):
        if match := re.search(form, text):
            return Terms(days=int(match[1]))
    return None


def _of_a_month(text: str) -> Terms | None:
    """Terms that end with a month: EOM, MFI, prox."""
    if re.search(r"\bMFI\b|\bPROX|MONTH FOLLOWING|FOLLOWING MONTH|NEXT MONTH", text):
        if re.search(r"\bEND\b|\bLAST\b|\bEOM\b", text):
            return Terms(months=1, day=LAST)
        match = re.search(r"(\d{1,2})(?:ST|ND|RD|TH)?\b", text)
        return Terms(months=1, day=int(match[1])) if match and 1 <= int(match[1]) <= LAST else None
    if not re.search(r"\bEOM\b|\bE\.O\.M|END OF (?:THE )?MONTH|MONTH[- ]?END|FIN DE MOIS|MONATSENDE", text):
        return None
    match = re.search(r"(?<![/\d])(\d{1,3})(?![\d/%])(?!.*NET)", text) or re.search(r"NET[ /]*(\d{1,3})", text)
    return Terms(months=0, day=LAST, days=int(match[1]) if match else 0)


def _japanese(text: str) -> Terms | None:
    """Terms with a closing day and a paying day: 月末締め翌月末払い."""
    if not re.search(r"[月日締払末サ即前]", text):
        return None
    text = text.replace("払い", "払").replace("締め", "締").replace("〆", "締").replace(" ", "")
    closing = re.search(r"(\d{1,2})日?締", text)
    close = int(closing[1]) if closing else None
    rest = text[closing.end() :] if closing else re.sub(r"^.*?締[切日]*", "", text)
    if match := re.search(r"(当月|翌月|翌々月|翌翌月|(\d)[かヶケカ]月後)の?(?:(\d{1,2})日|(末))?", rest):
        on = {"当月": 0, "翌月": 1, "翌々月": 2, "翌翌月": 2}.get(match[1])
        months = int(match[2]) if on is None else on
        return Terms(closing=close, months=months, day=int(match[3]) if match[3] else LAST)
    if match := re.search(r"(\d{1,3})日?サイト|サイト(\d{1,3})日?|(\d{1,3})日(?:以内|後|$|払)?", rest):
        days = int(next(n for n in match.groups() if n))
        if "締" in text and days % MONTH == 0:
            return Terms(closing=close, months=days // MONTH, day=close or LAST)
        return Terms(closing=close, months=0, day=close or LAST, days=days) if "締" in text else Terms(days=days)
    if re.search(r"即日|即時|即金|前払|前金|代引|現金払|受領時", text):
        return Terms(days=0)
    return Terms(months=0, day=LAST) if re.fullmatch(r"(?:当?月)?末日?払?", text) else None
