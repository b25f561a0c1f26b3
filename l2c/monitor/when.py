"""For which rows of a table does a condition hold? A small language of comparisons, read without ever running it as code."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NoReturn, TypeAlias

import numpy as np
from numpy.typing import NDArray

from l2c.words.errors import BadAlerts

Flags: TypeAlias = NDArray[np.bool_]
Values: TypeAlias = NDArray[Any]
Columns: TypeAlias = Callable[[str], Values]

NUMBER, TEXT, DAY, FLAG = "number", "text", "day", "flag"
EXAMPLES = {NUMBER: "100_000", TEXT: "'Proposal'", DAY: "today", FLAG: "True"}
TODAY, QUARTER = "today", "this_quarter"
EPOCH = date(1970, 1, 1).toordinal()
LARGEST = 2**62

Compare: TypeAlias = Callable[[Any, Any], Any]
_PLAIN: dict[type[ast.cmpop], Compare] = {
    ast.Lt: lambda a, b: a < b,
    ast.LtE: lambda a, b: a <= b,
    ast.Gt: lambda a, b: a > b,
    ast.GtE: lambda a, b: a >= b,
    ast.Eq: lambda a, b: a == b,
    ast.NotEq: lambda a, b: a != b,
}
# Of spans of days, (first, last): a day is in a quarter, before it, or after it.
_SPANS: dict[type[ast.cmpop], Compare] = {
    ast.Lt: lambda a, b: a[1] < b[0],
    ast.LtE: lambda a, b: a[1] <= b[1],
    ast.Gt: lambda a, b: a[0] > b[1],
    ast.GtE: lambda a, b: a[0] >= b[0],
    ast.Eq: lambda a, b: ((a[0] >= b[0]) & (a[1] <= b[1])) | ((b[0] >= a[0]) & (b[1] <= a[1])),
    ast.NotEq: lambda a, b: (a[1] < b[0]) | (a[0] > b[1]),
}


@dataclass(frozen=True)
class Moment:
    """The days, counted from 1970, that `today` and `this_quarter` stand for."""

    today: int
    quarter: tuple[int, int]


# What holds, and what cannot be told.
Told: TypeAlias = tuple[Flags, Flags]
Test: TypeAlias = Callable[[Columns, Moment], Told]
# Values, or the first and the last of spans of days.
Side: TypeAlias = Callable[[Columns, Moment], Any]


@dataclass(frozen=True)
class Table:
    """What a condition may ask.

    Attributes
    ----------
    watch
        What the table is called, for messages.
    kinds
        Its columns, and what each holds: `number`, `text`, `day` or `flag`.
    values
        The values that a column of texts can have; None where nobody can say, or they are not to be told.
    """

    watch: str
    kinds: Mapping[str, str]
    values: Callable[[str], Iterable[str] | None] = lambda name: None


@dataclass(frozen=True)
class Condition:
    """A condition that was read: as it was written, the columns it asks for, and for which rows it holds."""

    text: str
    names: frozenset[str]
    test: Test

    def holds(self, columns: Columns, moment: Moment) -> Flags:
        """For which rows it holds.

        Parameters
        ----------
        columns
            The values of a column by its name: numbers and days (since 1970) with NaN, texts and flags with None.
        """
        return self.test(columns, moment)[0]


def condition(text: str, table: Table, place: str) -> Condition:
    """Read a condition.

    Parameters
    ----------
    text
        Columns compared with numbers, quoted words, `today`, `this_quarter`, quoted days (`'2026-03-31'`) or each other, joined
        by `and`, `or`, `not` and brackets: `amount > 100_000 and stage in ['Proposal', 'Negotiation']`.
    place
        Where it stands, for messages.

    Raises
    ------
    BadAlerts
        If it cannot be read, names what the table does not have, or compares what cannot be compared; with line and column.

    Notes
    -----
    Python's parser turns the text into a tree; only what is named above is looked at, nothing is evaluated. A missing value
    makes a comparison unknown, and unknown spreads as in SQL (Kleene's three-valued logic).
    """
    return _Reader(text, table, place).read()


class _Reader:
    def __init__(self, text: str, table: Table, place: str) -> None:
        self.text, self.table, self.place = text, table, place
        # A line may end anywhere; tabs and ends of lines are as wide as blanks, so places stay.
        self.flat = "".join(" " if sign.isspace() else sign for sign in text)
        self.names: set[str] = set()

    def read(self) -> Condition:
        start = len(self.flat) - len(self.flat.lstrip())
        try:
            tree = ast.parse(self.flat.strip(), mode="eval").body
            test = self.logic(tree)
        except SyntaxError as problem:
            self.fail(start + max((problem.offset or 1) - 1, 0))
        # What is nested a thousand times is no condition that anybody wrote.
        except (RecursionError, MemoryError, ValueError) as problem:
            if isinstance(problem, BadAlerts):
                raise
            self.fail(start)
        return Condition(self.text.strip(), frozenset(self.names), test)

    def where(self, node: ast.expr) -> tuple[int, int]:
        """Line and column of a part, counted from 1."""
        start = len(self.flat) - len(self.flat.lstrip())
        # The parser counts bytes.
        inside = self.flat.strip().encode()[: node.col_offset].decode()
        return self.at(start + len(inside))

    def at(self, offset: int) -> tuple[int, int]:
        before = self.text[:offset]
        return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1

    def fail(self, offset: int) -> NoReturn:
        rest = self.flat[offset:].strip() or self.flat.strip()
        raise BadAlerts.condition(self.place, *self.at(offset), rest)

    def refuse(self, node: ast.expr) -> NoReturn:
        raise BadAlerts.condition(self.place, *self.where(node), self.said(node))

    def said(self, node: ast.expr) -> str:
        return ast.get_source_segment(self.flat.strip(), node) or self.flat.strip()

    def logic(self, node: ast.expr) -> Test:
        """What is true or false of a row."""
        if isinstance(node, ast.BoolOp):
            return _joined([self.logic(value) for value in node.values], isinstance(node.op, ast.And))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return _negated(self.logic(node.operand))
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            links = zip(sides, node.ops, sides[1:], strict=False)
            return _joined([self.link(*link) for link in links], all_of=True)
        if isinstance(node, ast.Name) and self.kind(node) == FLAG:
            return self.link(node, ast.Eq(), ast.Constant(True))
        self.refuse(node)

    def link(self, left: ast.expr, operator: ast.cmpop, right: ast.expr) -> Test:
        """One comparison of two sides."""
        kinds = [self.kind(side) for side in (left, right) if isinstance(side, ast.Name)]
        if not kinds:
            self.refuse(left)
        if len(set(kinds)) > 1:
            self.unlike(left, right)
        compare = _SPANS if kinds[0] == DAY else _PLAIN
        if isinstance(operator, ast.In | ast.NotIn):
            if not isinstance(right, ast.List | ast.Tuple | ast.Set) or not isinstance(left, ast.Name):
                self.refuse(right)
            side = self.side(left, left, kinds[0])
            each = [_compared(side, compare[ast.Eq], self.side(value, left, kinds[0])) for value in right.elts]
            inside = _joined(each, all_of=False) if each else self.refuse(right)
            return inside if isinstance(operator, ast.In) else _negated(inside)
        if type(operator) not in compare:
            self.refuse(right)
        if kinds[0] in (TEXT, FLAG) and not isinstance(operator, ast.Eq | ast.NotEq):
            self.refuse(left)
        name = left if isinstance(left, ast.Name) else right
        return _compared(self.side(left, name, kinds[0]), compare[type(operator)], self.side(right, name, kinds[0]))

    def kind(self, node: ast.Name) -> str:
        """What a name stands for."""
        if node.id in (TODAY, QUARTER):
            return DAY
        if node.id not in self.table.kinds:
            known = [*self.table.kinds, TODAY, QUARTER]
            raise BadAlerts.name(self.place, *self.where(node), node.id, self.table.watch, known)
        self.names.add(node.id)
        return self.table.kinds[node.id]

    def side(self, node: ast.expr, name: ast.expr, kind: str) -> Side:
        """One side of a comparison of some kind."""
        if isinstance(node, ast.Name):
            if node.id == TODAY:
                return lambda columns, moment: (np.array([moment.today]),) * 2
            if node.id == QUARTER:
                return lambda columns, moment: tuple(np.array([day]) for day in moment.quarter)
            id = node.id
            return (
                (lambda columns, moment: (columns(id),) * 2) if kind == DAY else (lambda columns, moment: columns(id))
            )
        value = self.constant(node)
        if kind == DAY and isinstance(value, str) and (day := _day(value)) is not None:
            return lambda columns, moment: (np.array([day]),) * 2
        fits: tuple[type, ...] = {NUMBER: (int, float), TEXT: (str,), FLAG: (bool,)}.get(kind, ())
        if not isinstance(value, fits) or (kind == NUMBER and isinstance(value, bool)):
            self.unlike(name, node)
        if isinstance(value, str) and isinstance(name, ast.Name):
            self.is_known(value, name, node)
        held = np.array([value], object if isinstance(value, str | bool) else np.float64)
        return lambda columns, moment: held

    def constant(self, node: ast.expr) -> str | bool | int | float:
        sign = 1
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            sign, value = -1, node.operand
        else:
            value = node
        if not isinstance(value, ast.Constant) or not isinstance(value.value, str | bool | int | float):
            self.refuse(node)
        found = value.value
        if isinstance(found, str | bool):
            return found if sign > 0 else self.refuse(node)
        if abs(found) > LARGEST:
            self.refuse(node)
        return sign * found

    def is_known(self, value: str, name: ast.Name, node: ast.expr) -> None:
        known = self.table.values(name.id)
        if known is not None and value not in (known := list(known)):
            raise BadAlerts.value(self.place, *self.where(node), value, name.id, known)

    def unlike(self, one: ast.expr, other: ast.expr) -> NoReturn:
        name, text = (one, other) if isinstance(one, ast.Name) else (other, one)
        assert isinstance(name, ast.Name)
        example = EXAMPLES[self.kind(name)]
        raise BadAlerts.unlike(self.place, *self.where(one), name.id, self.said(text), example)


def _joined(tests: list[Test], all_of: bool) -> Test:
    def told(columns: Columns, moment: Moment) -> Told:
        parts = [test(columns, moment) for test in tests]
        yes, no = [true for true, _ in parts], [~true & ~unknown for true, unknown in parts]
        true = np.logical_and.reduce(yes) if all_of else np.logical_or.reduce(yes)
        false = np.logical_or.reduce(no) if all_of else np.logical_and.reduce(no)
        return true, ~true & ~false

    return told


def _negated(test: Test) -> Test:
    def told(columns: Columns, moment: Moment) -> Told:
        true, unknown = test(columns, moment)
        return ~true & ~unknown, unknown

    return told


def _compared(left: Side, compare: Compare, right: Side) -> Test:
    def told(columns: Columns, moment: Moment) -> Told:
        one, other = left(columns, moment), right(columns, moment)
        known = _known(one) & _known(other)
        one, other = (_picked(side, known) for side in (one, other))
        true = np.zeros(len(known), bool)
        true[known] = np.asarray(compare(one, other), bool)
        return true, ~known

    return told


def _known(side: Any) -> Flags:
    import pandas as pd

    return ~np.asarray(pd.isna(side[0] if isinstance(side, tuple) else side), bool)


def _picked(side: Any, known: Flags) -> Any:
    """The values of the rows in question; one value for all stays one."""
    if isinstance(side, tuple):
        return tuple(_picked(part, known) for part in side)
    return side[known] if len(side) == len(known) else side


def _day(text: str) -> int | None:
    try:
        return date.fromisoformat(text.strip()).toordinal() - EPOCH
    except ValueError:
        return None
