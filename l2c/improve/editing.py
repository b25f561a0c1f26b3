"""How is a YAML file of the user's changed without touching what else stands in it?

Only the text of what changes is put in another's place: comments, order and layout of the rest stay to the letter.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml


def put_in_list(text: str, part: str, entry: Mapping[str, Any]) -> str:
    """Put an entry with an id into a list of a YAML text: added at its end, or what stands there under its id renewed.

    Returns
    -------
    The new text; a key that the entry does not name keeps its value.
    """
    node = _part(text, part)
    if node is None:
        return _ended(text) + f"{part}:\n{_block([entry], 0)}"
    if not isinstance(node, yaml.SequenceNode) or not node.value:
        return _in_place_of(text, node, _block([entry], 0))
    for each in node.value:
        if isinstance(each, yaml.MappingNode) and _value(text, each, "id") == entry["id"]:
            return _renewed(text, each, entry)
    if node.flow_style:
        at = _end(node.value[-1])
        return f"{text[:at]}, {_flow(entry)}{text[at:]}"
    return _after_line(text, _end(node), _block([entry], node.start_mark.column))


def put_in_record(text: str, part: str, key: str, entry: Mapping[str, Any]) -> str:
    """Put an entry under a key of a record of a YAML text: added at its end, or put in the place of what stands there."""
    node = _part(text, part)
    said = f"{key}: {_flow(entry)}\n"
    if node is None:
        return _ended(text) + f"{part}:\n  {said}"
    if not isinstance(node, yaml.MappingNode) or not node.value:
        return _in_place_of(text, node, f"  {said}")
    for name, value in node.value:
        if name.value == key:
            return text[: value.start_mark.index] + _flow(entry) + text[_end(value) :]
    if node.flow_style:
        at = _end(node.value[-1][1])
        return f"{text[:at]}, {said.rstrip()}{text[at:]}"
    return _after_line(text, _end(node), " " * node.start_mark.column + said)


def _part(text: str, part: str) -> yaml.Node | None:
    """The value of a key at the top of a text."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if not isinstance(root, yaml.MappingNode):
        return None
    return next((value for key, value in root.value if key.value == part), None)


def _value(text: str, node: yaml.MappingNode, key: str) -> Any:
    found = next((value for name, value in node.value if name.value == key), None)
    if found is None:
        return None
    # A block says by its indentation what belongs together.
    return yaml.safe_load(" " * found.start_mark.column + text[found.start_mark.index : _end(found)])


def _renewed(text: str, node: yaml.MappingNode, entry: Mapping[str, Any]) -> str:
    """An entry with new values: from the last to the first, so that places before keep their numbers."""
    there = {key.value: value for key, value in node.value}
    new = {key: value for key, value in entry.items() if key not in there}
    if new and node.flow_style:
        at = _end(node.value[-1][1])
        text = text[:at] + "".join(f", {key}: {_flow(value)}" for key, value in new.items()) + text[at:]
    elif new:
        lines = "".join(f"{key}: {_flow(value)}\n" for key, value in new.items())
        text = _after_line(text, _end(node), _indented(lines, node.start_mark.column))
    for key, value in reversed(node.value):
        if key.value in entry and _value(text, node, key.value) != entry[key.value]:
            text = f"{text[: key.end_mark.index]}: {_flow(entry[key.value])}{text[_end(value) :]}"
    return text


def _end(node: yaml.Node) -> int:
    """Where the text of a node ends: a list or record without brackets ends with its last value, not with what follows it."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(last[1] if isinstance(last, tuple) else last)
    end = node.end_mark.index
    # A text over several lines ends with the line end that belongs to it.
    return int(end - 1 if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">") else end)


def _after_line(text: str, at: int, block: str) -> str:
    """A block behind the line in which something ends, whatever else stands in it."""
    line = text.find("\n", at)
    return f"{_ended(text)}{block}" if line < 0 else text[: line + 1] + block + text[line + 1 :]


def _in_place_of(text: str, node: yaml.Node, block: str) -> str:
    """A block below a key that had no value, or an empty one."""
    start = node.start_mark.index
    return _after_line(text[:start].rstrip(" ") + text[_end(node) :], len(text[:start].rstrip(" ")), block)


def _ended(text: str) -> str:
    return text if not text or text.endswith("\n") else f"{text}\n"


def _block(entries: Any, column: int) -> str:
    said = yaml.safe_dump(entries, allow_unicode=True, sort_keys=False, default_flow_style=None, width=120)
    return _indented(str(said), column)


def _indented(text: str, column: int) -> str:
    return "".join(" " * column + line for line in text.splitlines(keepends=True))


def _flow(value: Any) -> str:
    # As it stands among others, where more signs need quotes than in a line of their own.
    said = yaml.safe_dump([value], allow_unicode=True, sort_keys=False, default_flow_style=True, width=10**9)
    return str(said).strip()[1:-1]
