"""The rules a form may hold as text: a small, closed part of Python's expressions.

An expression is parsed once, and each node of its tree is turned into one of the few rules below;
nothing is compiled or run by the interpreter. There
are names, columns of tables (``invoices.tax``), decimals, strings, ``+ - * /``, comparisons,
``and or not`` and six functions. Everything else is refused when the form is loaded.
"""

import ast
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any, NoReturn

Value = Decimal | str
"""What a field holds once it was read."""

MAX_EXPRESSION_CHARS = 300
"""The longest rule of ours has about a hundred; a longer one belongs into ``rules.py``."""

_HOLE = re.compile(r"\{([^{}]+)\}")


class ExpressionError(Exception):
    """A rule that this language does not have; the form author's fault."""


class MissingValueError(Exception):
    """A rule needs a value that is not there yet; nobody's fault.

    Attributes:
        key: the field or table it waits for.
    """

    def __init__(self, key: str) -> None:
        """Keep the key."""
        super().__init__(key)
        self.key = key


class Scope:
    """The values an expression may name: fields, tables, and what the scope around it has."""

    def __init__(self, names: Mapping[str, object], around: "Scope | None" = None) -> None:
        """Hold the names; ``None`` as a value means that it is not settled."""
        self._names = names
        self._around = around

    def find(self, key: str) -> object:
        """Return a value.

        Raises:
            MissingValueError: the value is not settled.
            ExpressionError: nothing has this name.
        """
        if key in self._names:
            value = self._names[key]
            if value is None:
                raise MissingValueError(key)
            return value
        if self._around is None:
            message = f"nothing is called {key}"
            raise ExpressionError(message)
        return self._around.find(key)

    def column(self, table: str, key: str) -> list[Value]:
        """Return one column of a table, in row order.

        Raises:
            MissingValueError: a cell of it is not settled.
            ExpressionError: the name is no table.
        """
        rows = self.find(table)
        if not isinstance(rows, list):
            message = f"{table} is no table"
            raise ExpressionError(message)
        cells = [row.get(key) for row in rows]
        if None in cells:
            raise MissingValueError(table)
        return cells


Rule = Callable[[Scope], object]
"""A part of an expression, ready to be asked for its value."""


def _arithmetic(operate: Callable[[Decimal, Decimal], Decimal]) -> Callable[..., Decimal]:
    def checked(left: object, right: object) -> Decimal:
        return operate(_number(left), _number(right))

    return checked


def _comparison(compare: Callable[[Any, Any], Any]) -> Callable[..., bool]:
    def checked(left: object, right: object) -> bool:
        if type(left) is not type(right):
            message = "a number and a text cannot be compared"
            raise ExpressionError(message)
        return bool(compare(left, right))

    return checked


def _number(value: object) -> Decimal:
    if not isinstance(value, Decimal):
        message = "a number was expected"
        raise ExpressionError(message)
    return value


def round_half_up(number: object, places: object = Decimal(0)) -> Decimal:
    """Round as offices do: halves go away from zero."""
    unit = Decimal(1).scaleb(-int(_number(places)))
    return _number(number).quantize(unit, rounding=ROUND_HALF_UP)


def _extreme(choose: Callable[..., object]) -> Callable[..., object]:
    def chosen(*candidates: object) -> object:
        if len(candidates) == 1 and isinstance(candidates[0], list):
            if not candidates[0]:
                raise MissingValueError(choose.__name__)
            return choose(candidates[0])
        return choose(candidates)

    return chosen


def _total(column: Sequence[object]) -> Decimal:
    return sum((_number(cell) for cell in column), Decimal(0))


_OPERATORS: dict[type[ast.AST], Callable[..., object]] = {
    ast.Add: _arithmetic(operator.add),
    ast.Sub: _arithmetic(operator.sub),
    ast.Mult: _arithmetic(operator.mul),
    ast.Div: _arithmetic(operator.truediv),
    ast.Eq: _comparison(operator.eq),
    ast.NotEq: _comparison(operator.ne),
    ast.Lt: _comparison(operator.lt),
    ast.LtE: _comparison(operator.le),
    ast.Gt: _comparison(operator.gt),
    ast.GtE: _comparison(operator.ge),
}

_FUNCTIONS: dict[str, Callable[..., object]] = {
    "abs": lambda number: abs(_number(number)),
    "len": lambda column: Decimal(len(column)),
    "max": _extreme(max),
    "min": _extreme(min),
    "round": round_half_up,
    "sum": _total,
}


class Expression:
    """One rule, found to lie within the language."""

    def __init__(self, text: str) -> None:
        """Parse a rule.

        Raises:
            ExpressionError: it is no expression, or uses something the language lacks.
        """
        if len(text) > MAX_EXPRESSION_CHARS:
            message = f"a rule of more than {MAX_EXPRESSION_CHARS} characters: {text[:40]}…"
            raise ExpressionError(message)
        try:
            self._rule = _build(ast.parse(text.strip(), mode="eval").body)
        except (SyntaxError, ValueError) as error:
            message = f"not an expression: {text}"
            raise ExpressionError(message) from error

    def value(self, scope: Scope) -> object:
        """Return what the rule says in a scope.

        Raises:
            MissingValueError: it waits for a value.
            ExpressionError: it mixes kinds of values, or names what is not there.
        """
        return self._rule(scope)

    def holds(self, scope: Scope) -> bool:
        """Whether the rule is true in a scope; errors as in :meth:`value`."""
        return bool(self.value(scope))


@cache
def expression(text: str) -> Expression:
    """Return a rule by its text; each text is parsed once."""
    return Expression(text)


def fill_message(template: str, scope: Scope) -> str:
    """Return a sentence whose braces hold expressions, numbers with thousands separators."""

    def fill(hole: re.Match[str]) -> str:
        value = expression(hole[1]).value(scope)
        return f"{value:,}" if isinstance(value, Decimal) else str(value)

    return _HOLE.sub(fill, template)


def message_expressions(template: str) -> list[Expression]:
    """Return the expressions a sentence holds, so that a form can be judged when it is loaded."""
    return [expression(hole) for hole in _HOLE.findall(template)]


def _build(node: ast.AST) -> Rule:
    """Return the rule of a node; a kind of node that is not in the table has no place here."""
    build = _BUILDERS.get(type(node))
    if build is None:
        _refuse(node)
    return build(node)


def _refuse(node: ast.AST) -> NoReturn:
    message = f"this has no place in a rule: {ast.unparse(node)}"
    raise ExpressionError(message)


def _binary(node: ast.BinOp) -> Rule:
    operate = _OPERATORS.get(type(node.op)) or _refuse(node)
    return _applied(operate, [node.left, node.right])


def _compared(node: ast.Compare) -> Rule:
    # Of a chain (a < b < c) the order of evaluation would have to be explained; there is none.
    if len(node.ops) != 1:
        _refuse(node)
    operate = _OPERATORS.get(type(node.ops[0])) or _refuse(node)
    return _applied(operate, [node.left, *node.comparators])


def _joined(node: ast.BoolOp) -> Rule:
    rules = [_build(value) for value in node.values]
    decide = all if isinstance(node.op, ast.And) else any
    return lambda scope: decide(bool(rule(scope)) for rule in rules)


def _prefixed(node: ast.UnaryOp) -> Rule:
    operate = _PREFIXES.get(type(node.op)) or _refuse(node)
    return _applied(operate, [node.operand])


def _called(node: ast.Call) -> Rule:
    if not isinstance(node.func, ast.Name) or node.keywords:
        _refuse(node)
    operate = _FUNCTIONS.get(node.func.id) or _refuse(node)
    return _applied(operate, node.args)


def _named(node: ast.Name) -> Rule:
    key = _name(node.id, node)
    return lambda scope: scope.find(key)


def _column(node: ast.Attribute) -> Rule:
    if not isinstance(node.value, ast.Name):
        _refuse(node)
    table, key = _name(node.value.id, node), _name(node.attr, node)
    return lambda scope: scope.column(table, key)


def _constant(node: ast.Constant) -> Rule:
    if type(node.value) not in {int, float, str}:
        _refuse(node)
    value: Value = node.value if isinstance(node.value, str) else Decimal(repr(node.value))
    return lambda _: value


def _name(name: str, node: ast.AST) -> str:
    if name.startswith("_") or name in _FUNCTIONS:
        _refuse(node)
    return name


def _applied(operate: Callable[..., object], operands: list[ast.expr]) -> Rule:
    rules = [_build(operand) for operand in operands]

    def apply(scope: Scope) -> object:
        values = [rule(scope) for rule in rules]
        try:
            return operate(*values)
        except ArithmeticError:
            # Division by nothing: the value it would give is not there yet.
            raise MissingValueError("") from None
        except TypeError:
            message = "a function got what it cannot work on"
            raise ExpressionError(message) from None

    return apply


_PREFIXES: dict[type[ast.AST], Callable[..., object]] = {
    ast.USub: lambda number: -_number(number),
    ast.Not: lambda truth: not truth,
}

_BUILDERS: dict[type[ast.AST], Callable[[Any], Rule]] = {
    ast.BinOp: _binary,
    ast.Compare: _compared,
    ast.BoolOp: _joined,
    ast.UnaryOp: _prefixed,
    ast.Call: _called,
    ast.Name: _named,
    ast.Attribute: _column,
    ast.Constant: _constant,
}
