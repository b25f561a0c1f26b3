"""Which files of the user's lie beside the pages, and what do they say there?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from l2c import diagnose, monitor
from l2c.diagnose.rules import files
from l2c.improve import register as read
from l2c.improve.entries import NAME
from l2c.log import EventLog
from l2c.monitor import alert_file
from l2c.monitor.put_aside import DISMISSED
from l2c.prepare.pseudonyms import unnamed

RULES, ALERTS = "rules.yaml", "alerts.yaml"
# Of a decision, what says whether it worked; who owns it, why, and what it costs stays with those who decided.
TOLD = ("id", "name", "status", "decided", "from", "kpi", "expected", "needs")


@dataclass(frozen=True)
class Beside:
    """What lies beside the pages.

    Attributes
    ----------
    files
        The text of each file by its name.
    decided
        Whether a register holds a decision of which can be asked what came of it.
    """

    files: Mapping[str, str] = field(default_factory=dict)
    decided: bool = False

    @property
    def parameters(self) -> dict[str, str]:
        """What the notebooks are told, as seen from their folder."""
        return {f"{Path(name).stem}_path": f"../{name}" for name in self.files}


def beside(
    log: EventLog,
    rules: str | Path | None,
    register: str | Path | None,
    alerts: str | Path | None,
    *,
    away: Iterable[str] = (),
    names: bool = False,
    mask: Sequence[str] = (),
) -> Beside:
    """Make of the user's files what may be given away with the log that `l2c.prepare.pseudonyms.handed` makes.

    Parameters
    ----------
    away
        The ids of findings that stay away.

    Raises
    ------
    BadRules, BadRegister, BadAlerts
        If one of them makes no sense for the log, before anything is run.
    """
    found: dict[str, str] = {}
    if rules is not None:
        diagnose.compliance(log, rules)
        found[RULES] = files.handed(rules, log, names=names, mask=mask)
    if alerts is not None:
        monitor.alerts(log, alerts, rules=rules, register=register)
        found[ALERTS] = alert_file.handed(alerts, log, names=names, mask=mask)
    decided = () if register is None else monitor.decisions(log, register)
    targets = {} if register is None else read(register, log.base.measures).targets
    dismissed = [{"id": id, "verdict": DISMISSED} for id in sorted(away)]
    if decided or targets or dismissed:
        entries = [{key: value for key, value in each.entry().items() if key in TOLD} for each in decided]
        aims = {kpi: {"to": aim.to} | ({"by": aim.by} if aim.by else {}) for kpi, aim in targets.items()}
        whole = {"version": 1, "decisions": entries, "targets": aims, "findings": dismissed}
        said = unnamed(whole, log, names=names, mask=mask)
        found[NAME] = yaml.safe_dump(said, allow_unicode=True, sort_keys=False)
    return Beside(found, bool(decided))
