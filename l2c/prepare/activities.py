"""What does the vocabulary call the activities of a source?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from l2c.log import END, START
from l2c.prepare import closing
from l2c.words import matching, vocabulary
from l2c.words.notes import Note
from l2c.words.stages import closes


def rename_activities(names: Iterable[str], said: Mapping[str, str]) -> tuple[dict[str, str], list[Note]]:
    """Find the vocabulary's activity for each name of the source.

    Parameters
    ----------
    names
        Distinct activities of the source, most frequent first.
    said
        What the user said, which wins.

    Returns
    -------
    The new name of every activity that gets one, and notes. Two different names are never merged by an alias:
    the second one keeps its own, since merging would turn two steps into a repetition. Only names of the end of a deal are merged: a deal without an end is open.
    """
    renamed: dict[str, str] = {}
    notes: list[Note] = []
    names = list(names)
    exact = {name for name in names if name not in said and vocabulary.process_order(name) is not None}
    ends: dict[str, list[str]] = {}
    holder = {name: name for name in exact}
    for name in names:
        target = said.get(name)
        # The signs of the beginning and the end of a case are no steps of it.
        if (target or name) in (START, END):
            target = f"{target or name} (source)"
        if closing.meant(target) == "open":
            # It is no end, whatever it is called.
            continue
        if target is None and name not in exact:
            target = matching.match_activity(name) or ((end := closes(name)) and closing.ENDS[end])
            if target in holder and target in vocabulary.closings():
                ends.setdefault(target, [holder[target]]).append(name)
            elif target in holder:
                notes.append(Note("could_mean", name=name, activity=target, holder=holder[target]))
                target = None
            elif target is not None:
                holder[target] = name
        if target is not None and target != name:
            renamed[name] = target
    notes += [Note("ends_merged", activity=activity, names=found[:8]) for activity, found in ends.items()]
    return renamed, notes
