"""Did it work? Before and after a change, quarter by quarter where there was none, and what is alarming today."""

from l2c.monitor.alerts import alert_counts, alerts, limits
from l2c.monitor.compare import compare
from l2c.monitor.outcomes import outcomes
from l2c.monitor.placebos import placebos
from l2c.monitor.quarters import quarters
from l2c.monitor.realised import realised

__all__ = ["alert_counts", "alerts", "compare", "limits", "outcomes", "placebos", "quarters", "realised"]
