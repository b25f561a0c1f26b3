"""What the reader remarked on single findings, in the reader's language."""

from __future__ import annotations

import re

from l2c.words import vocabulary

_DETAILS = (
    (r"(?P<a>.+) before (?P<b>.+)", "{a} before {b}", "「{a}」が「{b}」より前"),
    (r"no event for more than (?P<a>\d+) days", "no event for more than {a} days", "{a}日を超えてイベントなし"),
    (
        r"no event of any case for (?P<a>\d+) days after (?P<b>[\d-]+)",
        "no event of any case for {a} days after {b}",
        "{b}以降{a}日間、全案件でイベントなし",
    ),
    (
        r"their order within a day is not known",
        "their order within a day is not known",
        "同じ日の中での順序は不明",
    ),
    (
        r"events of one case at the same moment",
        "events of one case at the same moment",
        "同一案件内で同時刻のイベント",
    ),
    (r"(?P<a>\w+): (?P<b>.+ = .+)", "{a}: {b}", "{a}：{b}"),
    (r"cases without (?P<a>.+)", "cases in which “{a}” is empty", "「{a}」が空の案件"),
)


def detail(text: str, lang: str) -> str:
    """Say a detail of a finding."""
    for pattern, *said in _DETAILS:
        if match := re.fullmatch(pattern, text):
            return said[lang == "ja"].format(**{k: vocabulary.label(v, lang) for k, v in match.groupdict().items()})
    return vocabulary.label(text, lang)
