"""Go's text/template, as far as labels and annotations of alerts use it.

Fields, variables, pipelines, if/else/with/range, comparisons and Prometheus' own functions.
Parsing finds a template's errors when its file is loaded; expanding raises only TemplateError.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from simulator.alerting.humanize import shortest
from simulator.alerting.template_functions import FUNCTIONS
from simulator.alerting.template_syntax import (
    Operand,
    TemplateError,
    TemplateNode,
    TemplateParser,
    TemplatePipeline,
    Token,
)

__all__ = ["Template", "TemplateError", "parse"]

STEPS_MAX = 10_000  # nodes of one expansion


@dataclass
class Template:
    """A parsed template.

    Examples
    --------
    >>> parse("{{ $labels.job }} is at {{ $value | humanizePercentage }}").expand(
    ...     {"Labels": {"job": "api"}, "Value": 0.25}, {})
    'api is at 25%'
    """

    nodes: list[TemplateNode]

    def expand(self, data: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]]) -> str:
        """The expanded text; `data` holds Labels, Value and so on, `functions` adds functions."""
        if len(self.nodes) == 1 and self.nodes[0].kind == "text":
            return self.nodes[0].text
        return _Execution(data, functions).run(self.nodes)


@lru_cache(maxsize=4096)
def parse(text: str, extra: tuple[str, ...] = ("query",)) -> Template:
    """Parse a template.

    Raises
    ------
    TemplateError

    Examples
    --------
    >>> parse("{{ $labels.job | nosuch }}")
    Traceback (most recent call last):
    ...
    simulator.alerting.template_syntax.TemplateError: function "nosuch" not defined
    """
    if "{{" not in text:
        return Template([TemplateNode("text", text)] if text else [])
    return Template(TemplateParser(text, {*FUNCTIONS, *extra}).parse())


class _Execution:
    def __init__(
        self, data: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]]
    ) -> None:
        self.functions = {**FUNCTIONS, **functions}
        self.variables: list[tuple[str, Any]] = [
            ("$", data),
            ("$labels", data.get("Labels", {})),
            ("$externalLabels", data.get("ExternalLabels", {})),
            ("$externalURL", data.get("ExternalURL", "")),
            ("$value", data.get("Value")),
        ]
        self.dot: Any = data
        self.steps = 0

    def run(self, nodes: Sequence[TemplateNode]) -> str:
        return "".join([self.node(node) for node in nodes])

    def node(self, node: TemplateNode) -> str:
        self.steps += 1
        if self.steps > STEPS_MAX:
            raise TemplateError("template does too much")
        if node.pipeline is None:
            return node.text
        scope = len(self.variables)
        if node.kind == "output":
            value = self.pipeline(node.pipeline)
            return "" if node.pipeline.variables else format_go(value)
        try:
            value = self.pipeline(node.pipeline)
            if node.kind == "range":
                return self.range(node, value)
            if not truth(value):
                return self.run(node.otherwise)
            if node.kind == "with":
                return self.within(value, node.body)
            return self.run(node.body)
        finally:
            del self.variables[scope:]

    def range(self, node: TemplateNode, value: Any) -> str:
        if not isinstance(value, Mapping | list | tuple | None):
            raise TemplateError(f"range can't iterate over {format_go(value)}")
        items = sorted(value.items()) if isinstance(value, Mapping) else enumerate(value or ())
        pieces = []
        names = node.pipeline.variables if node.pipeline else []
        for key, item in items:
            for name, part in zip(names, (key, item) if len(names) == 2 else (item,), strict=False):
                self.variables.append((name, part))
            pieces.append(self.within(item, node.body))
        return "".join(pieces) if pieces else self.run(node.otherwise)

    def within(self, dot: Any, body: Sequence[TemplateNode]) -> str:
        before, self.dot = self.dot, dot
        try:
            return self.run(body)
        finally:
            self.dot = before

    def pipeline(self, pipeline: TemplatePipeline) -> Any:
        value: Any = _NOTHING
        for command in pipeline.commands:
            value = self.command(command, value)
        for name in pipeline.variables[:1] if len(pipeline.variables) == 1 else ():
            self.assign(name, value, pipeline.declares)
        return value

    def assign(self, name: str, value: Any, declares: bool) -> None:
        if not declares:
            for at in reversed(range(len(self.variables))):
                if self.variables[at][0] == name:
                    self.variables[at] = (name, value)
                    return
        self.variables.append((name, value))

    def command(self, operands: Sequence[Operand], piped: Any) -> Any:
        head, arguments = operands[0], [self.operand(operand) for operand in operands[1:]]
        if piped is not _NOTHING:
            arguments.append(piped)
        if isinstance(head, Token) and head.kind == "name" and head.text in self.functions:
            return self.call(head.text, arguments)
        if arguments:
            raise TemplateError("can't give argument to non-function")
        return self.operand(head)

    def call(self, name: str, arguments: list[Any]) -> Any:
        try:
            return self.functions[name](*arguments)
        except TemplateError:
            raise
        except (TypeError, ValueError, KeyError, IndexError, OverflowError) as error:
            raise TemplateError(f"error calling {name}: {error}") from None

    def operand(self, operand: Operand) -> Any:
        if isinstance(operand, TemplatePipeline):
            return self.pipeline(operand)
        if isinstance(operand, tuple) and not isinstance(operand, Token):
            return nested_field(self.pipeline(operand[0]), operand[1])
        match operand.kind:
            case "string":
                return operand.text
            case "raw":
                return operand.text[1:-1]
            case "number":
                return number(operand.text)
            case "field":
                return self.dot if operand.text == "." else nested_field(self.dot, operand.text)
            case "variable":
                name, _, path = operand.text.partition(".")
                value = next(v for n, v in reversed(self.variables) if n == name)
                return nested_field(value, "." + path) if path else value
        if operand.text in ("true", "false"):
            return operand.text == "true"
        if operand.text == "nil":
            return None
        return self.call(operand.text, [])


_NOTHING = object()


def nested_field(value: Any, path: str) -> Any:
    """A value's nested field; a missing label is empty."""
    for name in path.strip(".").split("."):
        if not isinstance(value, Mapping):
            raise TemplateError(f"can't evaluate field {name} in type {type(value).__name__}")
        if name not in value and {"Labels", "Value"} & value.keys():
            raise TemplateError(f"can't evaluate field {name}")
        value = value.get(name, "")
    return value


def truth(value: Any) -> bool:
    """Go's truth: empty, zero and nil are false; NaN is true."""
    return bool(value)


def number(text: str) -> int | float:
    """A number in a template."""
    try:
        return int(text, 0)
    except ValueError:
        return float(text)


def format_go(value: Any) -> str:
    """A value in Go's %v format."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return shortest(value)
    if value is None:
        return "<no value>"
    if isinstance(value, Mapping):
        inner = " ".join(f"{key}:{format_go(item)}" for key, item in sorted(value.items()))
        return f"map[{inner}]"
    if isinstance(value, list | tuple):
        return "[" + " ".join(format_go(item) for item in value) + "]"
    return str(value)
