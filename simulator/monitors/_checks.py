"""Conditions between columns, such as `depart <= arrive and not distance < 0`."""

import ast
import operator
from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.monitors import Column, Floats
from simulator.units import did_you_mean

# Far above any condition in use; Python's recursion limit is 1,000.
MAX_LENGTH = 1000
MAX_DEPTH = 50

Bools = NDArray[np.bool_]
# rows -> (value, known): a comparison with a null is neither known to be true nor false.
Term = Callable[[Floats], tuple[Any, Any]]

_ARITHMETIC: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: np.divide,
}
_COMPARE: dict[type, Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


class CheckError(ValueError):
    """A condition with a syntax error or an unknown column."""


class Check:
    """A condition on the columns of a row.

    Parameters
    ----------
    text : str
        Comparisons of columns, numbers and levels of categories with + - * / and
        parentheses, joined by and, or, not.

    Raises
    ------
    CheckError

    Examples
    --------
    >>> columns = (Column("a"), Column("b"), Column("c", ("low", "high")))
    >>> rows = np.array([[1.0, 2.0, 0.0], [3.0, 2.0, 1.0], [3.0, 2.0, 0.0], [np.nan, 2.0, 0.0]])
    >>> Check("a <= b or c == 'high'", columns).violations(rows).tolist()
    [False, False, True, False]
    >>> Check("a <= bb", columns)
    Traceback (most recent call last):
    simulator.monitors._checks.CheckError: unknown column 'bb'; did you mean 'b'?
    """

    def __init__(self, text: str, columns: Sequence[Column]) -> None:
        self.columns = {column.name: (i, column) for i, column in enumerate(columns)}
        try:
            if len(text) > MAX_LENGTH:
                raise CheckError(f"is {len(text)} characters long, expected {MAX_LENGTH} or fewer")
            tree = ast.parse(text.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            if isinstance(error, CheckError):
                raise
            raise CheckError(f"{text!r} cannot be read as a condition") from None
        if not isinstance(tree, ast.Compare | ast.BoolOp | ast.UnaryOp):
            raise CheckError(f"{text!r} compares nothing; expected for example 'a <= b'")
        if _depth(tree) > MAX_DEPTH:
            raise CheckError(f"is nested more than {MAX_DEPTH} deep")
        self.term = self._logic(tree)

    def violations(self, rows: Floats) -> Bools:
        """Which rows violate it; as in SQL, a null violates no check."""
        with np.errstate(all="ignore"):
            holds, present = self.term(rows)
        return np.broadcast_to(~holds & present, len(rows)).copy()

    def _logic(self, node: ast.expr) -> Term:
        if isinstance(node, ast.BoolOp):
            terms = [self._logic(operand) for operand in node.values]
            combine = _and if isinstance(node.op, ast.And) else _or
            return lambda rows: reduce(combine, [term(rows) for term in terms])
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            term = self._logic(node.operand)
            return lambda rows: _not(term(rows))
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            pairs = [
                self._comparison(left, op, right)
                for left, op, right in zip(sides[:-1], node.ops, sides[1:], strict=True)
            ]
            return lambda rows: reduce(_and, [pair(rows) for pair in pairs])
        raise CheckError(f"expected a comparison, given {ast.unparse(node)!r}")

    def _comparison(self, left: ast.expr, op: ast.cmpop, right: ast.expr) -> Term:
        if type(op) not in _COMPARE:
            raise CheckError("compares with one of < <= > >= == !=")
        compare = _COMPARE[type(op)]
        a, b = self._value(left, right), self._value(right, left)

        def term(rows: Floats) -> tuple[Any, Any]:
            x, y = a(rows), b(rows)
            return compare(x, y), ~(np.isnan(x) | np.isnan(y))

        return term

    def _value(self, node: ast.expr, other: ast.expr) -> Callable[[Floats], Any]:
        if isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
            apply = _ARITHMETIC[type(node.op)]
            a, b = self._value(node.left, other), self._value(node.right, other)
            return lambda rows: apply(a(rows), b(rows))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            operand = self._value(node.operand, other)
            return lambda rows: -operand(rows)
        if isinstance(node, ast.Name):
            i = self._column(node.id)[0]
            return lambda rows: rows[:, i]
        if isinstance(node, ast.Constant) and type(node.value) in (int, float):
            number = np.float64(str(node.value))
            return lambda rows: number
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            code = np.float64(self._code(node.value, other))
            return lambda rows: code
        raise CheckError(f"expected a column or a number, given {ast.unparse(node)!r}")

    def _column(self, name: str) -> tuple[int, Column]:
        if name not in self.columns:
            raise CheckError(f"unknown column {name!r}{did_you_mean(name, self.columns)}")
        return self.columns[name]

    def _code(self, level: str, other: ast.expr) -> int:
        column = self._column(other.id)[1] if isinstance(other, ast.Name) else None
        if column is None or level not in column.levels:
            hint = did_you_mean(level, column.levels if column is not None else ())
            raise CheckError(f"no column beside it has a level {level!r}{hint}")
        return column.levels.index(level)


def _depth(tree: ast.expr) -> int:
    """The depth of a tree, without recursion."""
    depth = 0
    level: list[ast.AST] = [tree]
    while level:
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        depth += 1
    return depth


# Three-valued logic: a conjunction with a false term is false, whatever is unknown.
def _and(a: tuple[Any, Any], b: tuple[Any, Any]) -> tuple[Any, Any]:
    false = (~a[0] & a[1]) | (~b[0] & b[1])
    return a[0] & b[0] & ~false, (a[1] & b[1]) | false


def _or(a: tuple[Any, Any], b: tuple[Any, Any]) -> tuple[Any, Any]:
    return _not(_and(_not(a), _not(b)))


def _not(a: tuple[Any, Any]) -> tuple[Any, Any]:
    return ~a[0], a[1]
