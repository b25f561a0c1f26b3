"""How do blocks look with a task left out, put elsewhere, made optional, done again, or paired with another?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from l2c.improve.blocks import (
    CHOICE,
    EMPTY,
    LOOP,
    NOTHING,
    PARALLEL,
    SEQUENCE,
    TASK,
    Block,
    choice,
    loop,
    made,
    parallel,
    sequence,
    when,
)


def without(block: Block, name: str) -> Block:
    """Blocks without a task."""
    if block.kind == TASK:
        return when(NOTHING, block.when) if block.name == name else block
    return made(block, (without(part, name) for part in block.parts))


def behind(block: Block, name: str, new: Block, *, once: bool = False) -> Block:
    """Blocks with another one behind a task: wherever that is done, or behind all the times that it is done again."""
    if once and block.kind == LOOP and [each.name for each in block.tasks()] == [name]:
        return when(sequence([block, new]), block.when)
    if block.kind == TASK:
        return when(sequence([block, new]), block.when) if block.name == name else block
    return made(block, (behind(part, name, new, once=once) for part in block.parts))


def unit(block: Block, name: str) -> Block | None:
    """A task with what is said of it alone: that it may be left out, or done again."""
    if block.kind != SEQUENCE and [each.name for each in block.tasks()] == [name]:
        return when(block, "")
    return next((found for part in block.parts if (found := unit(part, name)) is not None), None)


def optional(block: Block, name: str, said: str = "") -> Block:
    """Blocks in which a task may be left out, by some cases."""
    return _changed(block, name, lambda found: choice([found, when(NOTHING, said)]))


def again(block: Block, name: str) -> Block:
    """Blocks in which a task may be done once more."""
    return _changed(block, name, loop)


def by(block: Block, name: str, who: str) -> Block:
    """Blocks in which somebody does a task."""
    return _changed(block, name, lambda found: replace(found, who=who))


def _changed(block: Block, name: str, change: Callable[[Block], Block]) -> Block:
    if block.kind == TASK:
        return when(change(when(block, "")), block.when) if block.name == name else block
    return made(block, (_changed(part, name, change) for part in block.parts))


def paired(block: Block, first: str, second: str, *, one: bool) -> Block:
    """Blocks in which two tasks that follow each other are done side by side, or as one.

    Side by side also where either is not done in every case, or is done beside others already.
    """
    parts = [paired(part, first, second, one=one) for part in block.parts]
    if block.kind != SEQUENCE:
        return made(block, parts)
    row: list[Block] = []
    for part in parts:
        last = row[-1] if row else NOTHING
        if one and (last.kind, part.kind, last.name, part.name) == (TASK, TASK, first, second):
            row[-1] = replace(part, with_=first)
        elif not one and _has(last, first) and _has(part, second):
            row[-1] = parallel([last, part])
        else:
            row.append(part)
    return made(block, row)


def _has(block: Block, name: str) -> bool:
    """Whether a task is all of a block that may be left out, or one of those side by side."""
    if block.kind in (CHOICE, PARALLEL):
        parts = [part for part in block.parts if part.kind != EMPTY]
        return (block.kind == PARALLEL or len(parts) == 1) and any(_has(part, name) for part in parts)
    return block.kind == TASK and block.name == name
