"""A text is laid out once a picture, and the picture stays what matplotlib makes of it."""

from contextlib import nullcontext

from matplotlib.text import Text

from l2c.show.charts import letters, sheet
from l2c.show.charts.picture import finished


def drawn() -> str:
    with sheet.house():
        fig, ax = sheet.figure(4, 2)
        ax.barh(["one", "two\nlines", "四半期"], [1, 20, 300])
        ax.text(1, 1, "turned", rotation=30, ha="right", va="top")
        ax.text(1, 1, "turned", rotation=60, ha="right", va="top", rotation_mode="anchor")
        ax.text(1, 2, "$5 to $10", fontsize=7, linespacing=2)
        ax.text(0, 0, "a long line that is wrapped where the figure ends", wrap=True)
        ax.set_ylabel("upwards")
        ax.legend(["months"])
        return finished(fig, "A finding").svg()


def test_a_picture_is_the_same_with_and_without_a_memory_for_its_texts(monkeypatch):
    remembered = drawn()
    monkeypatch.setattr(letters, "remembered", nullcontext)
    assert drawn() == remembered


def test_a_text_that_looks_the_same_is_laid_out_once(monkeypatch):
    asked = []
    monkeypatch.setattr(Text, "_get_layout", letters._once(lambda text, renderer: asked.append(text.get_text())))
    with sheet.house():
        _, ax = sheet.figure(4, 2)
        one, other = ax.text(0, 0, "same"), ax.text(1, 1, "same")
        for text in (one, other, one):
            text._get_layout(None)
        other.set_fontsize(20)
        other._get_layout(None)
        assert asked == ["same", "same"]
    one._get_layout(None)
    one._get_layout(None)
    assert len(asked) == 4
