"""What should a log hold, and what does mine?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals as nw

from l2c import engine
from l2c.log import EventLog
from l2c.words import vocabulary

if TYPE_CHECKING:
    import pandas as pd


def attribute_guide(lang: str = "en") -> pd.DataFrame:
    """List the columns of a log: `attribute, level, meaning, why, salesforce`, the required ones first."""
    import pandas as pd

    rows = [
        (vocabulary.label(a.id, lang), vocabulary.label(a.level, lang), *_told(a, lang), _sources(a.salesforce))
        for a in vocabulary.attributes()
    ]
    return pd.DataFrame(rows, columns=["attribute", "level", "meaning", "why", "salesforce"])


def activity_guide(lang: str = "en") -> pd.DataFrame:
    """List the activities in process order: `activity, level, meaning, why, salesforce`."""
    import pandas as pd

    rows = [
        (a.en, vocabulary.label(a.level, lang), *_told(a, lang), _sources(a.salesforce))
        for a in vocabulary.activities()
    ]
    return pd.DataFrame(rows, columns=["activity", "level", "meaning", "why", "salesforce"])


def _told(entry: vocabulary.Attribute | vocabulary.Activity, lang: str) -> tuple[str, str]:
    return (entry.meaning_ja, entry.why_ja) if lang == "ja" else (entry.meaning_en, entry.why_en)


def _sources(sources: tuple[vocabulary.Source, ...]) -> str:
    return "; ".join(str(source) for source in sources)


def coverage(log: EventLog) -> pd.DataFrame:
    """Tell which of the vocabulary's case attributes a log has, and in how many cases.

    Returns
    -------
    One row per attribute of the vocabulary that describes cases, then the log's own: `attribute, level` (missing
    for its own), `cases` with a value, `share`.
    """
    import pandas as pd

    known = {a.id: a.level for a in vocabulary.attributes() if a.scope == "case" and a.id != "case_id"}
    names = [*known, *(name for name in log.attributes if name not in known)]
    counts = engine.collect(
        log.cases.select(
            nw.len().alias("_cases"), *[(~nw.col(a).is_null()).cast(nw.Int64()).sum() for a in log.attributes]
        )
    )
    filled = [int(counts[name].iloc[0]) if name in log.attributes else 0 for name in names]
    table = pd.DataFrame({"attribute": names, "level": [known.get(name) for name in names], "cases": filled})
    table["share"] = table["cases"] / max(log.n_cases, 1)
    return table
