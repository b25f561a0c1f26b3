"""Who works in the demo company, and what does it sell to whom?"""

from __future__ import annotations

import numpy as np

START, END = np.datetime64("2024-07-01", "D"), np.datetime64("2026-06-30", "D")
DAYS = int((END - START).astype(int)) + 1

REGIONS = ("North America", "EMEA", "APAC", "Japan", "LATAM")
REGION_SHARE = (0.30, 0.26, 0.16, 0.16, 0.12)
REPS = {
    "North America": ("Avery Brooks", "Dana Miller", "Jordan Reed", "Morgan Ellis", "Riley Carter", "Sam Whitfield"),
    "EMEA": ("Claire Moreau", "Emma Lindqvist", "Jonas Becker", "Luca Conti", "Nina Okafor", "Tom Hughes"),
    "APAC": ("Arjun Mehta", "Grace Lim", "Minh Tran", "Zoe Walker"),
    "Japan": ("Aoi Tanaka", "Haruto Sato", "Ken Yamada", "Yui Suzuki"),
    "LATAM": ("Ana Souza", "Diego Herrera", "Lucia Vargas"),
}
APPROVERS = {
    "North America": "Pat Nguyen",
    "EMEA": "Karl Weber",
    "APAC": "Wei Tan",
    "Japan": "Makoto Ito",
    "LATAM": "Rosa Diaz",
}
PRODUCTS = ("Analytics Suite", "Cloud Storage", "Edge Gateway", "Field Service", "Integration Hub", "Security Pack")
PRODUCT_SHARE = (0.24, 0.20, 0.14, 0.15, 0.15, 0.12)
SEGMENTS = ("Small business", "Mid-market", "Enterprise")
SEGMENT_SHARE = (0.50, 0.33, 0.17)
SOURCES = ("Web", "Referral", "Partner", "Webinar", "Trade show list", "Outbound")
SOURCE_SHARE = (0.30, 0.13, 0.15, 0.14, 0.12, 0.16)
SOURCE_CONVERSION = (0.40, 0.58, 0.47, 0.36, 0.04, 0.25)
INVOICE_TYPES = ("Standard", "Subscription", "Milestone")
INVOICE_SHARE = (0.55, 0.30, 0.15)
LOSS_REASONS = ("Price", "Competitor", "No budget", "No decision", "Missing feature")
TERMS = (30, 45, 60)

# Public holidays on which nobody works; enough of them to be seen, not a calendar of record.
_EVERYWHERE = ("01-01", "12-25")
_HOLIDAYS = {
    "North America": ("07-04", "11-27", "11-28", "12-24", "05-26", "09-01"),
    "EMEA": ("05-01", "12-26", "12-24", "04-21", "10-03"),
    "APAC": ("01-26", "04-25", "12-26", "02-10", "02-11"),
    "Japan": ("01-02", "01-03", "04-29", "05-03", "05-04", "05-05", "08-11", "09-23", "11-03", "11-23"),
    "LATAM": ("04-21", "05-01", "09-07", "10-12", "11-15"),
}


def workdays(region: str) -> np.ndarray:
    """Whether people of a region work, for every day from the start and two years beyond the end."""
    days = START + np.arange(DAYS + 800)
    weekday = (days.astype("datetime64[D]").astype(int) + 3) % 7 < 5
    closed = {*_EVERYWHERE, *_HOLIDAYS[region]}
    return weekday & ~np.array([str(day)[5:] in closed for day in days])
