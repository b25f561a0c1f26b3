"""Where do we stand, and did it work? Six figures, before and after a change, quarter by quarter where there was none, the pace of each week, alerts, what is new since last time."""

from l2c.monitor.alerts import alert_counts, alerts, limits
from l2c.monitor.asked import decisions
from l2c.monitor.behind import behind
from l2c.monitor.benchmark import benchmark
from l2c.monitor.compare import compare
from l2c.monitor.drift import drift
from l2c.monitor.figures import figures
from l2c.monitor.history import remember
from l2c.monitor.live import is_live
from l2c.monitor.moved import moved
from l2c.monitor.outcomes import outcomes
from l2c.monitor.pace import pace
from l2c.monitor.pipeline.bias import forecast_bias
from l2c.monitor.pipeline.bridge import bridge_deals, pipeline_bridge
from l2c.monitor.pipeline.calibration import calibration
from l2c.monitor.pipeline.cash import cash
from l2c.monitor.pipeline.coverage import coverage
from l2c.monitor.pipeline.forecast import forecast
from l2c.monitor.pipeline.lately import lately
from l2c.monitor.pipeline.leads import open_leads
from l2c.monitor.pipeline.ledger import forecast_ledger
from l2c.monitor.pipeline.open_deals import open_deals
from l2c.monitor.pipeline.open_invoices import open_invoices
from l2c.monitor.pipeline.sheet import to_csv
from l2c.monitor.pipeline.task_record import tasks_came, tasks_judged
from l2c.monitor.pipeline.tasks import tasks
from l2c.monitor.placebos import placebos
from l2c.monitor.put_aside import put_aside
from l2c.monitor.quarters import quarters
from l2c.monitor.realised import realised
from l2c.monitor.since_last import since_last

__all__ = [
    "alert_counts", "alerts", "behind", "benchmark", "bridge_deals", "calibration", "cash", "compare", "coverage", "decisions", "drift",
    "figures", "forecast", "forecast_bias", "forecast_ledger", "is_live", "lately", "limits", "moved", "open_deals", "open_invoices",
    "open_leads", "outcomes", "pace", "pipeline_bridge", "placebos", "put_aside", "quarters", "realised", "remember",
    "since_last", "tasks", "tasks_came", "tasks_judged", "to_csv",
]  # fmt: skip
