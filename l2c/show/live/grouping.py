"""Which activities does a map draw as one?"""

from __future__ import annotations

from collections.abc import Mapping

from l2c.words import vocabulary

Groups = Mapping[str, list[str]]


def joined(groups: Groups, one: str, other: str, lang: str) -> dict[str, list[str]]:
    """Draw two activities, each of which may be a group already, as one; the new group is called by its members."""
    if one == other:
        return dict(groups)
    members = [member for name in (one, other) for member in groups.get(name, [name])]
    name = (" ＋ " if lang == "ja" else " + ").join(vocabulary.label(member, lang) for member in members)
    kept = {each: own for each, own in groups.items() if each not in (one, other)}
    return kept | {name: members}
