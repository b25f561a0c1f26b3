"""To which cases does a rule apply? A small language of comparisons, read without ever running it as code."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c import engine
from l2c.errors import BadRules
from l2c.kpis.facts import NEVER, Facts, Flags

Values = NDArray[Any]

_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Lt: lambda a, b: a < b,
    ast.LtE: lambda a, b: a <= b,
    ast.Gt: lambda a, b: a > b,
    ast.GtE: lambda a, b: a >= b,
    ast.Eq: lambda a, b: a == b,
    ast.NotEq: lambda a, b: a != b,
}
STATES = ("won", "lost", "open")


def condition(text: str, facts: Facts, rule: str) -> tuple[Flags, Flags]:
    """Cases for which a condition holds, and those for which it cannot be told.

    Parameters
    ----------
    text
        Attributes of the log compared with numbers or texts, joined by `and`, `or`, `not` and brackets:
        `discount > 0.2 and region in ['EMEA', 'APAC']`; `won`, `lost`, `open` and `has('Quote Sent')`.
    rule
        Id of the rule, for messages.

    Raises
    ------
    BadRules
        If it cannot be read, or names an attribute that the log does not have and could not have.

    Notes
    -----
    Python's parser turns the text into a tree; only the node types above are looked at, nothing is evaluated. A
    missing value makes a comparison unknown, and unknown spreads as in SQL (Kleene's three-valued logic).
    """
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError) as problem:
        raise BadRules.condition(rule, text) from problem
    return _holds(tree, facts, rule, text)


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
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "has" and node.args:
        return facts.first(*(str(_constant(arg, rule, text)) for arg in node.args)) != NEVER, none
    if isinstance(node, ast.Compare):
        return _compared(node, facts, rule, text)
    raise BadRules.condition(rule, text)


def _compared(node: ast.Compare, facts: Facts, rule: str, text: str) -> tuple[Flags, Flags]:
    true, missing = np.ones(len(facts), bool), np.zeros(len(facts), bool)
    left = node.left
    for operator, right in zip(node.ops, node.comparators, strict=True):
        flipped = not isinstance(left, ast.Name)
        name, other = (right, left) if flipped else (left, right)
        if not isinstance(name, ast.Name):
            raise BadRules.condition(rule, text)
        values = attribute(facts, name.id)
        missing |= np.asarray(pd.isna(values))
        wanted = _constant(other, rule, text)
        if isinstance(operator, ast.In | ast.NotIn):
            inside = np.isin(values, np.asarray(wanted, dtype=values.dtype if len(values) else None))
            true &= inside if isinstance(operator, ast.In) else ~inside
        elif type(operator) in _COMPARE:
            compare = _COMPARE[type(operator)]
            true &= _compare(compare, wanted, values) if flipped else _compare(compare, values, wanted)
        else:
            raise BadRules.condition(rule, text)
        left = right
    return true & ~missing, missing


def _compare(compare: Callable[[Any, Any], Any], a: Any, b: Any) -> Flags:
    try:
        return np.asarray(compare(a, b), bool)
    except TypeError:
        # A number compared with text is no order; equal they are not either.
        return np.zeros(len(a) if isinstance(a, np.ndarray) else len(b), bool)


def _constant(node: ast.expr, rule: str, text: str) -> Any:
    try:
        return ast.literal_eval(node)
    except ValueError as problem:
        raise BadRules.condition(rule, text) from problem


def attribute(facts: Facts, name: str) -> Values:
    """Values of a case attribute, one per case, missing ones None or NaN; all missing where the log has none."""
    if name not in facts.log.attributes:
        return np.full(len(facts), np.nan)
    rows = engine.collect(facts.log.base.cases.select("case_key", name)).sort_values("case_key", ignore_index=True)
    column = rows[name].iloc[facts.rows]
    if pd.api.types.is_bool_dtype(column.dtype) or not pd.api.types.is_numeric_dtype(column.dtype):
        return column.astype(object).where(column.notna(), None).to_numpy()
    return column.to_numpy(np.float64, na_value=np.nan)
