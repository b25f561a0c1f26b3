"""Where is the page of a deal in the org that it came from?"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from l2c.log.origin import ADDRESS

if TYPE_CHECKING:
    from l2c.log.event_log import EventLog

# Ids of opportunities, of 15 or 18 characters.
DEAL = re.compile(r"006[0-9A-Za-z]{12}(?:[0-9A-Za-z]{3})?")


def deal_url(log: EventLog, case_id: str) -> str | None:
    """The page of a deal; None where the log knows no org (`log.with_org`), or the case has no id of an opportunity."""
    return deal_urls(log, [case_id])[0]


def deal_urls(log: EventLog, case_ids: Iterable[str]) -> list[str | None]:
    """The pages of several deals; see `deal_url`."""
    org = log.origin.org if ADDRESS.fullmatch(log.origin.org) else ""
    return [f"{org}/lightning/r/Opportunity/{id}/view" if org and DEAL.fullmatch(str(id)) else None for id in case_ids]
