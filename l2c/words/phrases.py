"""Every phrase of charts, cards and panels, in English and Japanese, one module per topic.

Name: (English, Japanese). What stands in braces is filled in, already formatted, by `words.say`.
"""

from l2c.words import cash, common, diagnosis, findings, live, quality, single, source, standing

PHRASES: dict[str, tuple[str, str]] = {
    **common.PHRASES,
    **cash.PHRASES,
    **findings.PHRASES,
    **diagnosis.PHRASES,
    **live.PHRASES,
    **quality.PHRASES,
    **source.PHRASES,
    **single.PHRASES,
    **standing.PHRASES,
}
