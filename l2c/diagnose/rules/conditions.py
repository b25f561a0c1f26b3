"""To which cases does a rule apply? A small language of comparisons, read without ever running it as code."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c.log import several
from l2c.measures.facts import NEVER, Facts, Flags
from l2c.words.errors import BadRules

Values = NDArray[Any]

_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Lt: lambda a, b: a < b,
    ast.LtE: lambda a, b: a <= b,
    ast.Gt: lambda a, b: a > b,
    ast.GtE: lambda a, b: a >= b,
    ast.Eq: lambda a, b: a == b,
    ast.NotEq: lambda a, b: a != b,
}
# `0.2 < discount` is `discount > 0.2`.
_MIRROR: dict[type[ast.cmpop], type[ast.cmpop]] = {ast.Lt: ast.Gt, ast.LtE: ast.GtE, ast.Gt: ast.Lt, ast.GtE: ast.LtE}
STATES = ("won", "lost", "open")


def condition(text: str, facts: Facts, rule: str) -> tuple[Flags, Flags]:
    """Cases for which a condition holds, and those for which it cannot be told.

    Parameters
    ----------
    text
        Attributes of the log compared with numbers or texts, joined by `and`, `or`, `not` and brackets:
        `discount > 0.2 and region in ['EMEA', 'APAC']`; `won`, `lost`, `open`, `has('Quote Sent')` and
        `known('contract_action')` (some of these attributes has a value).
    rule
        Id of the rule, for messages.

    Raises
    ------
    BadRules
        If it cannot be read, or compares anything but an attribute with texts and numbers.

    Notes
    -----
    Python's parser turns the text into a tree; only the node types above are looked at, nothing is evaluated. A
    missing value makes a comparison unknown, and unknown spreads as in SQL (Kleene's three-valued logic). So does an
    attribute that the log does not have.
    """
    try:
        return _holds(ast.parse(text.strip(), mode="eval").body, facts, rule, text)
    # What is nested a thousand times is no condition that anybody wrote.
    except (SyntaxError, ValueError, RecursionError, MemoryError) as problem:
        raise BadRules.condition(rule, text) from problem


def _holds(node: ast.expr, facts: Facts, rule: str, text: str) -> tuple[Flags, Flags]:
    if isinstance(node, ast.BoolOp):
        parts = [_holds(value, facts, rule, text) for value in node.values]
        yes = [part[0] for part in parts]
        no = [~part[0] & ~part[1] for part in parts]
        if isinstance(node.op, ast.And):
            true, false = np.logical_and.reduce(yes), np.logical_or.reduce(no)
        else:
            true, false = np.logical_or.reduce(yes), np.logical_and.reduce(no)
        return true, ~true & ~false
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        true, unknown = _holds(node.operand, facts, rule, text)
        return ~true & ~unknown, unknown
    none = np.zeros(len(facts), bool)
    if isinstance(node, ast.Name) and node.id in STATES:
        closed = {"won": facts.won != NEVER, "lost": facts.lost != NEVER, "open": facts.open}
        return closed[node.id], none
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("has", "known"):
        wanted = [_constant(arg, rule, text) for arg in node.args]
        if not wanted or node.keywords or not all(isinstance(name, str) for name in wanted):
            raise BadRules.condition(rule, text)
        if node.func.id == "has":
            return facts.first(*wanted) != NEVER, none
        return np.logical_or.reduce([~np.asarray(pd.isna(attribute(facts, name)), bool) for name in wanted]), none
    if isinstance(node, ast.Compare):
        return _compared(node, facts, rule, text)
    raise BadRules.condition(rule, text)


def _compared(node: ast.Compare, facts: Facts, rule: str, text: str) -> tuple[Flags, Flags]:
    """A chain such as `0.1 < discount < 0.3` holds where each of its links does."""
    true, false = np.ones(len(facts), bool), np.zeros(len(facts), bool)
    left = node.left
    for operator, right in zip(node.ops, node.comparators, strict=True):
        flipped = not isinstance(left, ast.Name)
        name, other = (right, left) if flipped else (left, right)
        # `won == True` would look for an attribute that is called won.
        if not isinstance(name, ast.Name) or (name.id in STATES and name.id not in facts.log.attributes):
            raise BadRules.condition(rule, text)
        values, labels = attribute(facts, name.id), several.parts(facts.log.base, name.id)
        known = ~np.asarray(pd.isna(values), bool)
        holds = np.zeros(len(facts), bool)
        if isinstance(operator, ast.In | ast.NotIn) and not flipped:
            inside = [_equal(values[known], one, labels) for one in _several(other, rule, text)]
            some = np.logical_or.reduce(inside) if inside else np.zeros(int(known.sum()), bool)
            holds[known] = some if isinstance(operator, ast.In) else ~some
        elif type(operator) in _COMPARE:
            wanted = _one(_constant(other, rule, text), rule, text)
            compare = _COMPARE[_MIRROR.get(type(operator), type(operator)) if flipped else type(operator)]
            if labels and isinstance(operator, ast.Eq | ast.NotEq):
                same = _equal(values[known], wanted, labels)
                holds[known] = same if isinstance(operator, ast.Eq) else ~same
            else:
                holds[known] = _compare(compare, values[known], wanted)
        else:
            raise BadRules.condition(rule, text)
        true &= holds
        false |= known & ~holds
        left = right
    return true, ~true & ~false


def _equal(values: Values, wanted: Any, labels: Mapping[str, tuple[str, ...]] | None) -> Flags:
    """Which known values are a constant or, where they hold several, hold it."""
    same = _compare(_COMPARE[ast.Eq], values, wanted)
    if labels is None:
        return same
    return same | np.array([wanted in labels.get(value, ()) for value in values], bool)


def _compare(compare: Callable[[Any, Any], Any], values: Values, wanted: Any) -> Flags:
    """Compare known values with a constant; a number and a text have no order, and are never equal."""
    try:
        return np.asarray(compare(values, wanted), bool)
    except TypeError:
        return np.zeros(len(values), bool)


def _several(node: ast.expr, rule: str, text: str) -> list[Any]:
    """The values of a list; `in 'EMEA'` would be read as one that holds the letters."""
    values = _constant(node, rule, text)
    if not isinstance(values, list | tuple):
        raise BadRules.condition(rule, text)
    return [_one(value, rule, text) for value in values if value is not None]


def _one(value: Any, rule: str, text: str) -> Any:
    """A constant that an attribute may be compared with: a text or a number of usual size."""
    if not isinstance(value, str | int | float) or (isinstance(value, int) and abs(value) > 2**62):
        raise BadRules.condition(rule, text)
    return value


def _constant(node: ast.expr, rule: str, text: str) -> Any:
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError) as problem:
        raise BadRules.condition(rule, text) from problem


def names(text: str) -> set[str]:
    """The attributes that a condition compares; it must be one that `condition` can read."""
    tree = ast.walk(ast.parse(text.strip(), mode="eval"))
    compared = [node for node in tree if isinstance(node, ast.Compare)]
    return {part.id for node in compared for part in (node.left, *node.comparators) if isinstance(part, ast.Name)}


def attribute(facts: Facts, name: str) -> Values:
    """Values of a case attribute, one per case, missing ones None or NaN; all missing where the log has none."""
    if name not in facts.log.attributes:
        return np.full(len(facts), np.nan)
    column = facts.attribute(name)
    if pd.api.types.is_bool_dtype(column.dtype) or not pd.api.types.is_numeric_dtype(column.dtype):
        return column.astype(object).where(column.notna(), None).to_numpy()
    return column.to_numpy(np.float64, na_value=np.nan)
