"""What several parts of a page ask of the same log: how is it computed once?"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar

from l2c.diagnose.rules.compliance import Source
from l2c.diagnose.rules.files import rules as read
from l2c.log import EventLog

T = TypeVar("T")


def once(log: EventLog, what: str, rules: Source, key: Hashable, make: Callable[[], T]) -> T:
    """Make something of a log, or give what was made of it: a whole log keeps it as long as it lives, a part does not.

    Parameters
    ----------
    what, key
        What it is, and on what it hangs beside the log and the rules. Nobody may change what was made.
    rules
        By which rules; a file that was written anew since is another one.
    """
    if log.conditions:
        return make()
    return log.base.memo((what, repr(read(rules)), key), make)
