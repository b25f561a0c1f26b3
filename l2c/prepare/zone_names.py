"""Which zone does a name beside a time mean?"""

from __future__ import annotations

from functools import cache

# Minutes before or behind UTC; a name that says summer or winter is the same all year.
_FIXED = {
    "Z": 0, "UTC": 0, "GMT": 0, "UT": 0, "WET": 0, "WEST": 60, "CET": 60, "MEZ": 60, "CEST": 120, "MESZ": 120, "EET": 120,
    "EEST": 180, "MSK": 180, "TRT": 180, "PKT": 300, "NPT": 345, "ICT": 420, "WIB": 420, "SGT": 480, "HKT": 480, "PHT": 480,
    "AWST": 480, "JST": 540, "KST": 540, "ACST": 570, "AEST": 600, "ACDT": 630, "AEDT": 660, "NZST": 720, "NZDT": 780,
    "NST": -210, "NDT": -150, "ADT": -180, "ART": -180, "BRT": -180, "EST": -300, "EDT": -240, "CDT": -300, "MST": -420,
    "MDT": -360, "PST": -480, "PDT": -420, "AKST": -540, "AKDT": -480, "HST": -600, "SAST": 120, "WAT": 60, "CAT": 120,
    "EAT": 180, "IDT": 180,
}  # fmt: skip
_PLACES = {
    "ET": "America/New_York", "CT": "America/Chicago", "MT": "America/Denver", "PT": "America/Los_Angeles",
    "JAPAN STANDARD TIME": "Asia/Tokyo", "日本標準時": "Asia/Tokyo", "KOREA STANDARD TIME": "Asia/Seoul",
    "CHINA STANDARD TIME": "Asia/Shanghai", "INDIA STANDARD TIME": "Asia/Kolkata",
    "EASTERN TIME": "America/New_York", "CENTRAL TIME": "America/Chicago", "MOUNTAIN TIME": "America/Denver",
    "PACIFIC TIME": "America/Los_Angeles",
}  # fmt: skip
_LONG = {
    "EASTERN STANDARD TIME": "EST", "EASTERN DAYLIGHT TIME": "EDT", "CENTRAL DAYLIGHT TIME": "CDT",
    "MOUNTAIN STANDARD TIME": "MST", "MOUNTAIN DAYLIGHT TIME": "MDT", "PACIFIC STANDARD TIME": "PST",
    "PACIFIC DAYLIGHT TIME": "PDT", "CENTRAL EUROPEAN STANDARD TIME": "CET", "CENTRAL EUROPEAN TIME": "CET",
    "CENTRAL EUROPEAN SUMMER TIME": "CEST", "EASTERN EUROPEAN STANDARD TIME": "EET", "GREENWICH MEAN TIME": "GMT",
    "EASTERN EUROPEAN SUMMER TIME": "EEST", "COORDINATED UNIVERSAL TIME": "UTC", "MITTELEUROPÄISCHE ZEIT": "CET",
    "MITTELEUROPÄISCHE NORMALZEIT": "CET", "MITTELEUROPÄISCHE SOMMERZEIT": "CEST",
}  # fmt: skip
SEVERAL = {
    "IST": (("Asia/Kolkata", 330), ("Asia/Jerusalem", 120), ("Europe/Dublin", 60)),
    "CST": (("America/Chicago", -360), ("Asia/Shanghai", 480)),
    "BST": (("Europe/London", 60), ("Asia/Dhaka", 360)),
    "AST": (("America/Halifax", -240), ("Asia/Riyadh", 180)),
    "GST": (("Asia/Dubai", 240), ("Atlantic/South_Georgia", -120)),
}
"""Names that several countries use, each with a zone there and its minutes from UTC."""
_PARTNERS = {
    ("CST", "CDT"): -360, ("BST", "GMT"): 60, ("IST", "GMT"): 60, ("IST", "IDT"): 120, ("AST", "ADT"): -240,
    ("CST", "EST"): -360, ("CST", "PST"): -360, ("CST", "MST"): -360,
}  # fmt: skip


def is_zone(name: str) -> bool:
    """Tell whether a text names a zone: `CET`, `Europe/Berlin`, `Pacific Standard Time`."""
    said = name.upper()
    return said in _FIXED or said in SEVERAL or said in _LONG or said in _PLACES or said.lower() in _places()


def meant(names: set[str], business: str) -> dict[str, int | str | None]:
    """Find out what the zones of one column are.

    Parameters
    ----------
    names
        The names beside its times.
    business
        Zone in which the business works: of several countries that use a name it settles which is meant.

    Returns
    -------
    By name minutes from UTC, or the zone where they change over the year; None where several countries use the name.
    """
    found: dict[str, int | str | None] = {}
    said = {name.upper() for name in names}
    for name in names:
        up = _LONG.get(name.upper(), name.upper())
        if up in SEVERAL:
            found[name] = _of_several(up, said, business)
        else:
            found[name] = _FIXED.get(up, _PLACES.get(up, _places().get(up.lower())))
    return found


def _of_several(name: str, said: set[str], business: str) -> int | None:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    for month in (1, 7):
        moment = datetime(2025, month, 1, tzinfo=ZoneInfo(business))
        if moment.tzname() == name and (offset := moment.utcoffset()) is not None:
            return int(offset.total_seconds()) // 60
    if own := [minutes for zone, minutes in SEVERAL[name] if zone == business]:
        return own[0]
    partners = {minutes for (one, other), minutes in _PARTNERS.items() if one == name and other in said}
    return partners.pop() if len(partners) == 1 else None


@cache
def _places() -> dict[str, str]:
    from zoneinfo import available_timezones

    return {name.lower(): name for name in available_timezones() if "/" in name}
