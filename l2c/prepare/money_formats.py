"""In which currency is a cell shown? An amount in a workbook is a bare number; only its format says the currency."""

from __future__ import annotations

import re
import zipfile

# Signs that one currency has; of the others, such as the dollar, the locale beside the sign decides.
_SIGNS = {
    "€": "EUR",
    "£": "GBP",
    "¥": "JPY",
    "￥": "JPY",
    "₩": "KRW",
    "₹": "INR",
    "zł": "PLN",
    "Kč": "CZK",
    "US$": "USD",
}
_LOCALES = {
    ("$", "409"): "USD", ("$", "1009"): "CAD", ("$", "C0C"): "CAD", ("$", "C09"): "AUD", ("$", "1409"): "NZD",
    ("$", "4809"): "SGD", ("$", "C04"): "HKD", ("$", "404"): "TWD", ("$", "80A"): "MXN", ("¥", "804"): "CNY",
    ("￥", "804"): "CNY", ("kr", "41D"): "SEK", ("kr", "406"): "DKK", ("kr", "414"): "NOK",
}  # fmt: skip
_MARKED = re.compile(r"\[\$([^\]-]{1,4})(?:-([0-9A-Fa-f]+))?(?:,\d+)?\]")
_QUOTED = re.compile(r'"\s*([^"]{1,4}?)\s*"|\\?([€£¥￥₩₹])')


def currency(form: str) -> str | None:
    """Find the currency in a format of numbers: EUR in `"€"#,##0.00` and in `[$€-407] #,##0`; None where it names none."""
    for sign, locale in _MARKED.findall(form):
        code = _LOCALES.get((sign, locale.upper().lstrip("0"))) or _code(sign)
        if code:
            return code
    return next((code for pair in _QUOTED.findall(form) if (code := _code(pair[0] or pair[1]))), None)


def _code(sign: str) -> str | None:
    return _SIGNS.get(sign) or (sign if re.fullmatch("[A-Z]{3}", sign) else None)


def styles(book: zipfile.ZipFile, part: str) -> dict[int, str]:
    """Read which styles of cells name a currency.

    Parameters
    ----------
    book
        The workbook.
    part
        Where its styles stand.

    Returns
    -------
    The currency by number of the style, as cells have it.
    """
    from lxml import etree

    whole = etree.fromstring(book.read(part), etree.XMLParser(resolve_entities=False, no_network=True, recover=True))
    if whole is None:
        return {}
    forms = {each.get("numFmtId"): currency(each.get("formatCode") or "") for each in whole.iter("{*}numFmt")}
    cells = next(whole.iter("{*}cellXfs"), None)
    found = [forms.get(each.get("numFmtId")) for each in cells.iter("{*}xf")] if cells is not None else []
    return {number: code for number, code in enumerate(found) if code}
