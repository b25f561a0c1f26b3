"""How is a map printed? Upright where that can be read, since a sheet that lies between others is turned by hand."""

from __future__ import annotations

from collections.abc import Callable

from l2c.show.map import levels
from l2c.show.map.process_map import LEAST_SCALE, MapPicture

# In pixels, below a heading: a sheet of A4 that stands, and one that lies.
UPRIGHT, LYING = (700.0, 1000.0), (1030.0, 560.0)


def printed(draw: Callable[[float, str], MapPicture], activities: float | None = None) -> MapPicture:
    """The map as it goes on paper: with as many activities as can be read, at letters that can be read.

    Parameters
    ----------
    draw
        Gives the map of a share of the activities in a direction, `down` or `right`.
    activities
        The share of the activities; as many as can be read unless given.

    Returns
    -------
    From top to bottom on a sheet that stands; where that cannot be read, whichever of from left to right there, from left to right on a sheet
    that lies, and from top to bottom there has the largest letters.
    """
    best, most = None, 0.0
    for room, direction in ((UPRIGHT, "down"), (UPRIGHT, "right"), (LYING, "right"), (LYING, "down")):
        share = activities
        if share is None:
            share = levels.opening(lambda share, way=direction: draw(share, way), room)  # type: ignore[misc]
        seen = draw(share, direction).fitting(*room)
        if (scale := _scale(seen, room)) > most:
            best, most = seen, scale
        if most >= LEAST_SCALE:
            break
    assert best is not None
    return best


def lies(picture: MapPicture) -> bool:
    """Whether it asks for a sheet that lies: it is larger there, and could not be read on one that stands."""
    return _scale(picture, UPRIGHT) < min(LEAST_SCALE, _scale(picture, LYING))


def _scale(picture: MapPicture, room: tuple[float, float]) -> float:
    return min(room[0] / picture.spec["width"], room[1] / picture.spec["height"])
