"""Did it work? Before and after a change, quarter by quarter where there was none, and what is alarming today."""

from l2c.monitor.alerts import alert_counts, alerts, limits
from l2c.monitor.compare import compare
from l2c.monitor.quarters import quarters

__all__ = ["alert_counts", "alerts", "compare", "limits", "quarters"]
