from l2c import show
from l2c.discover import model
from tests.logs import from_text

LOG = "\n".join(f"c{n}: Quote Created 0, Quote Sent 1\n d{n}: Quote Created 0, <b>odd</b> 1" for n in range(5))


def test_it_draws_every_task_with_its_name_in_the_readers_language():
    found = model(from_text(LOG))
    english, japanese = show.bpmn(found, lang="en"), show.bpmn(found, lang="ja")
    assert "Quote Sent" in english.html
    assert "見積提示" in japanese.html
    assert "Fitness 100 %, precision 100 %" in english.text
    assert "<b>odd" not in english.html
    assert "&lt;b&gt;odd" in english.html


def test_gateways_carry_their_sign_and_the_picture_is_the_same_every_time():
    found = model(from_text(LOG))
    html = show.bpmn(found).html
    assert html.count("M-5 -5L5 5") == 2
    assert html == show.bpmn(found).html
