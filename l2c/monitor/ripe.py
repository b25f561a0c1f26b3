"""From which day on can a change be told, if cases go on to begin as they did?"""

from __future__ import annotations

from l2c.measures.facts import DAY
from l2c.measures.spans import Observations
from l2c.measures.watched import needed
from l2c.monitor.adjusted import FEWEST_BLOCKS, MOST_HAVE_ENDED, block_days
from l2c.stats import SMALLEST_SAMPLE

# Arrivals are those of so many last days before the change.
LATELY = 180


def judged_from(found: Observations, change: int, begin: int, until: int, weeks: float = 0.0) -> int | None:
    """The day from which there are as many blocks and cases after a change as are needed, each watched for long enough.

    Parameters
    ----------
    found
        What was seen of the measure so far.
    change, begin, until
        The date, since when cases are looked at, and until when the log goes.
    weeks
        So many, from the change on, a decision reckoned to need until its effect can be told from chance.

    Returns
    -------
    In microseconds; None where it is not known, or was before the log ends.
    """
    last = min(change, until)
    first = max(begin, last - LATELY * DAY)
    many = int(((found.start >= first) & (found.start < last)).sum())
    if not many or last <= first:
        return None
    days = (last - first) / DAY
    most = max(FEWEST_BLOCKS * block_days(begin, until), SMALLEST_SAMPLE * days / many)
    # Cases are watched for as long as they need, or for half of the time after the date.
    wait = max(most + min(needed(found, MOST_HAVE_ENDED), most), 7 * weeks)
    day = change + int(wait * DAY)
    return day if day > until else None
