"""What is public is what the page says, and the page says where things are."""

import re
from pathlib import Path

from tests.api_page import PAGE, page
from tests.test_architecture import ORDER

DOCS = Path(__file__).parents[1] / "docs"


def test_the_page_of_public_names_is_true():
    assert PAGE.read_text("utf-8") == page(), "run: python -m tests.api_page"


def test_the_page_of_the_architecture_names_every_room_in_order():
    text = (DOCS / "architecture.md").read_text("utf-8")
    rooms = re.findall(r"^\| `(\w+)/?` \|", text, re.MULTILINE)
    assert rooms == ORDER


def test_every_file_that_the_page_of_the_architecture_names_is_there():
    text = (DOCS / "architecture.md").read_text("utf-8")
    root = DOCS.parent / "l2c"
    named = re.findall(r"`([a-z_]+(?:/[a-z_]+)*\.(?:py|yaml))`", text)
    assert named
    assert [name for name in named if not (root / name).exists() and not name.startswith("tests/")] == []
