"""On the page Improve one map of today and what shall be follows the levers."""

import l2c
from l2c import show
from l2c.dashboard import contents
from l2c.improve.sliders import Slider
from l2c.words import phrases


def test_the_map_follows_what_a_lever_changes():
    log = l2c.demo(200)
    asked = contents.Asked(log, show.filters(log), "en", None, None, None, None, None)
    levers, after, _ = contents.contents(asked)["improve"]()
    way = after.part
    way.draw(log)
    assert way.text == phrases.say("map.move")
    levers._sliders = [Slider("skip", "Contract Approved", (0.0, 1.0), 0, "flag", False, {"skip": "Contract Approved"})]
    # What it would bring takes seconds, and is no matter of the map.
    levers._answer = lambda: iter(())
    levers._told(levers, {"do": "move", "id": "skip: Contract Approved", "at": 1}, None)
    assert "Goes: Contract Approved" in way.text and way.html.startswith("<svg")
    levers._told(levers, {"do": "reset"}, None)
    assert way.text == phrases.say("map.move")
