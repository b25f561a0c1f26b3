"""Every remark that the reader or a measure can make is read in Japanese on a Japanese page."""

import re

import pytest

from l2c.words import notes
from tests.remarks import remarks

JAPANESE = re.compile(r"[ぁ-んァ-ヶ一-龠]")
# What only joins a name and a remark of its own, which has a row of its own here.
JOINTS = re.compile(
    r"(?:[\w,-]+, )?[\w,-]+: [\w,-]+| \([\d,]+ of [\d,]+ in 24 hours\)|columns are separated by | Without a rate.*"
)
REMARKS = [(where, texts) for where, texts in remarks() if not JOINTS.fullmatch(texts[0])]


def test_the_source_is_searched_well():
    assert len(REMARKS) >= 45


@pytest.mark.parametrize(("where", "texts"), REMARKS, ids=[where for where, _ in REMARKS])
def test_a_remark_has_a_japanese_wording(where, texts):
    assert any(JAPANESE.search(notes.note(text, "ja")) for text in texts), texts[0]


def test_a_remark_on_a_file_keeps_its_name():
    assert notes.note("a: b.csv: the encoding is cp932", "ja") == "a: b.csv: 文字コードは cp932"
    assert notes.note(
        "deals.csv, Rate: read as percent, because some values are above 1; those below 1 are then below one percent",
        "ja",
    ).startswith("deals.csv, Rate: 1を超える")
    assert notes.note("a.csv: something unheard of", "ja") == "a.csv: something unheard of"
