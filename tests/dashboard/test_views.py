"""Views that got a name lie beside the log, and whoever writes there can do no harm."""

import json
import threading

import pytest

from l2c.dashboard import views


@pytest.fixture
def file(tmp_path):
    return views.beside(tmp_path / "log")


def test_a_view_is_kept_renewed_and_taken_away(file):
    assert file.name == "log.views.json" and views.views(file) == []
    assert views.keep(file, " EMEA,\n slow ", "page=process") and views.keep(file, "Ärger", "x=1")
    assert views.keep(file, "EMEA, slow", "page=time")
    assert [(each.name, each.state) for each in views.views(file)] == [("EMEA, slow", "page=time"), ("Ärger", "x=1")]
    views.forget(file, "EMEA, slow")
    assert [each.name for each in views.views(file)] == ["Ärger"]
    # Nothing else is left lying about.
    assert [each.name for each in file.parent.iterdir()] == ["log.views.json"]


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", '{"views": 3}', '{"views": [3, {}, {"name": ""}, {"name": "x", "state": 5}]}', "[" * 5000, '{"views": [{"name": ["x"]}]}'],
)  # fmt: skip
def test_a_file_that_holds_something_else_holds_no_views(file, content):
    file.write_text(content)
    assert views.views(file) == []


def test_a_name_is_one_short_line_and_there_are_not_too_many(file):
    assert views.named("a\x00b\u202ec\n" + "x" * 99).startswith("a b") and len(views.named("x" * 99)) == 60
    file.write_text(json.dumps({"views": [{"name": f"{k}", "state": ""} for k in range(views.MOST_VIEWS)]}))
    assert not views.keep(file, "one more", "") and views.keep(file, "7", "page=x")
    assert not views.keep(file, " \n ", "")


def test_views_of_several_visitors_at_once_are_all_kept(file):
    threads = [threading.Thread(target=views.keep, args=[file, f"view {k}", ""]) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(views.views(file)) == 8
