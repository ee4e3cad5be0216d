"""Go's text/template, as far as annotations and labels of alerts use it.

Fields, variables, pipelines, if/else/with/range, comparisons and Prometheus' own functions.
Parsing says what is wrong with a template when its file is loaded; executing never raises
anything but TemplateError.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

ACTION = re.compile(
    r"\{\{(?P<left>- )?\s*(?P<body>(?:/\*.*?\*/|\"(?:\\.|[^\"\\])*\"|`[^`]*`|[^{}`\"]|\{|\}(?!\}))*?)"
    r"\s*(?P<right> -)?\}\}",
    re.DOTALL,
)
WORD = re.compile(
    r"""\s*(?:(?P<string>"(?:\\.|[^"\\])*")|(?P<raw>`[^`]*`)
      |(?P<number>[+-]?(?:0[xX][0-9a-fA-F]+|\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?))
      |(?P<variable>\$[A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)
      |(?P<field>(?:\.[A-Za-z_][A-Za-z0-9_]*)+|\.)
      |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
      |(?P<mark>:=|=|\||\(|\)|,))""",
    re.VERBOSE,
)
BLOCKS = ("if", "with", "range")
STEPS = 10_000  # what one expansion may do


class TemplateError(ValueError):
    """A template that cannot be parsed or executed."""


class Word(NamedTuple):
    """One token of an action."""

    kind: str
    text: str


Term = Any  # a Word, or a Pipeline in parentheses


@dataclass
class Pipeline:
    """Commands joined by `|`, with the variables they are assigned to."""

    variables: list[str]
    declares: bool
    commands: list[list[Term]]


@dataclass
class Node:
    """A piece of text, an output action, or a block."""

    kind: str
    text: str = ""
    pipeline: Pipeline | None = None
    body: list[Node] = field(default_factory=list)
    otherwise: list[Node] = field(default_factory=list)


@dataclass
class Template:
    """A parsed template; `expand` fills it in.

    Examples
    --------
    >>> parse("{{ $labels.job }} is at {{ $value | humanizePercentage }}").expand(
    ...     {"Labels": {"job": "api"}, "Value": 0.25}, {})
    'api is at 25%'
    """

    nodes: list[Node]

    def expand(self, data: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]]) -> str:
        """The text; `data` holds Labels, Value and so on, `functions` those that need a world."""
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
    simulator.alerting.templates.TemplateError: function "nosuch" not defined
    """
    if "{{" not in text:
        return Template([Node("text", text)] if text else [])
    return Template(_Parser(text, extra).parse())


class _Parser:
    def __init__(self, text: str, extra: tuple[str, ...]) -> None:
        self.pieces = list(_pieces(text))
        self.at = 0
        self.known = {*_functions(), *extra}
        self.variables = ["$", "$labels", "$externalLabels", "$externalURL", "$value"]

    def parse(self) -> list[Node]:
        nodes, end = self.nodes()
        if end:
            raise TemplateError(f"unexpected {{{{{end}}}}}")
        return nodes

    def nodes(self) -> tuple[list[Node], str]:
        """Nodes up to an `end` or `else` of the enclosing block; and which it was."""
        found: list[Node] = []
        while self.at < len(self.pieces):
            kind, body = self.pieces[self.at]
            self.at += 1
            if kind == "text":
                found.append(Node("text", body))
                continue
            words = list(_words(body))
            head = words[0].text if words and words[0].kind == "name" else ""
            if head == "end" or head == "else":
                return found, body
            if head in BLOCKS:
                found.append(self.block(head, words[1:]))
            elif head in ("template", "define", "block", "break", "continue"):
                raise TemplateError(f"{{{{{head}}}}} is not supported")
            elif words:
                found.append(Node("output", pipeline=self.pipeline(words)))
        return found, ""

    def block(self, kind: str, words: list[Word]) -> Node:
        scope = len(self.variables)
        node = Node(kind, pipeline=self.pipeline(words))
        node.body, end = self.nodes()
        if end.startswith("else"):
            rest = list(_words(end))[1:]
            if rest:
                node.otherwise = [self.block(rest[0].text, rest[1:])]
                del self.variables[scope:]
                return node
            node.otherwise, end = self.nodes()
        if end != "end":
            raise TemplateError(f"{{{{{kind}}}}} without its {{{{end}}}}")
        del self.variables[scope:]
        return node

    def pipeline(self, words: list[Word]) -> Pipeline:
        variables: list[str] = []
        texts = [word.text for word in words]
        for sign in (":=", "="):
            if sign in texts:
                at = texts.index(sign)
                if all(w.kind == "variable" or w.text == "," for w in words[:at]):
                    variables = [w.text for w in words[:at] if w.kind == "variable"]
                    if sign == "=":
                        self.check(variables)
                    self.variables += variables
                    commands, rest = self.commands(words[at + 1 :])
                    self.spent(rest)
                    return Pipeline(variables, sign == ":=", commands)
        commands, rest = self.commands(words)
        self.spent(rest)
        return Pipeline(variables, False, commands)

    def spent(self, rest: list[Word]) -> None:
        if rest:
            raise TemplateError(f"unexpected {rest[0].text!r} in command")

    def commands(self, words: list[Word]) -> tuple[list[list[Term]], list[Word]]:
        commands: list[list[Term]] = [[]]
        while words:
            word, words = words[0], words[1:]
            if word.text == ")" and word.kind == "mark":
                words = [word, *words]
                break
            if word.text == "|" and word.kind == "mark":
                commands.append([])
            elif word.text == "(" and word.kind == "mark":
                inner, words = self.commands(words)
                if not words:
                    raise TemplateError("unclosed left paren")
                words = words[1:]
                term: Term = Pipeline([], False, inner)
                if words and words[0].kind == "field" and words[0].text != ".":
                    term, words = (term, words[0].text), words[1:]
                commands[-1].append(term)
            elif word.kind == "mark":
                raise TemplateError(f"unexpected {word.text!r} in operand")
            else:
                self.checked(word)
                commands[-1].append(word)
        if not all(commands):
            raise TemplateError("missing value for command")
        return commands, words

    def checked(self, word: Word) -> None:
        if word.kind == "name" and word.text not in self.known | {"true", "false", "nil"}:
            raise TemplateError(f'function "{word.text}" not defined')
        if word.kind == "variable":
            self.check([word.text])

    def check(self, variables: Sequence[str]) -> None:
        for variable in variables:
            if variable.split(".")[0] not in self.variables:
                raise TemplateError(f'undefined variable "{variable.split(".")[0]}"')


def _pieces(text: str) -> Sequence[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    at, trim = 0, False
    while (start := text.find("{{", at)) >= 0:
        action = ACTION.match(text, start)
        if action is None:
            raise TemplateError("unclosed action")
        before = text[at:start]
        before = before.lstrip() if trim else before
        before = before.rstrip() if action["left"] else before
        if before:
            found.append(("text", before))
        if not action["body"].startswith("/*"):
            found.append(("action", action["body"]))
        at, trim = action.end(), bool(action["right"])
    rest = text[at:].lstrip() if trim else text[at:]
    if rest:
        found.append(("text", rest))
    return found


def _words(body: str) -> Sequence[Word]:
    words: list[Word] = []
    at = 0
    while body[at:].strip():
        found = WORD.match(body, at)
        if found is None:
            raise TemplateError(f"unexpected {body[at:].strip()[:1]!r} in command")
        kind = str(found.lastgroup)
        words.append(Word(kind, found.group(kind)))
        at = found.end()
    return words


class _Execution:
    def __init__(
        self, data: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]]
    ) -> None:
        self.functions = {**_functions(), **functions}
        self.variables: list[tuple[str, Any]] = [
            ("$", data),
            ("$labels", data.get("Labels", {})),
            ("$externalLabels", data.get("ExternalLabels", {})),
            ("$externalURL", data.get("ExternalURL", "")),
            ("$value", data.get("Value")),
        ]
        self.dot: Any = data
        self.steps = 0

    def run(self, nodes: Sequence[Node]) -> str:
        return "".join([self.node(node) for node in nodes])

    def node(self, node: Node) -> str:
        self.steps += 1
        if self.steps > STEPS:
            raise TemplateError("template does too much")
        if node.pipeline is None:
            return node.text
        scope = len(self.variables)
        if node.kind == "output":
            value = self.pipeline(node.pipeline)
            return "" if node.pipeline.variables else spelled(value)
        try:
            value = self.pipeline(node.pipeline)
            if node.kind == "range":
                return self.each(node, value)
            if not truth(value):
                return self.run(node.otherwise)
            if node.kind == "with":
                return self.within(value, node.body)
            return self.run(node.body)
        finally:
            del self.variables[scope:]

    def each(self, node: Node, value: Any) -> str:
        items = sorted(value.items()) if isinstance(value, Mapping) else enumerate(value or ())
        pieces = []
        names = node.pipeline.variables if node.pipeline else []
        for key, item in items:
            for name, part in zip(names, (key, item) if len(names) == 2 else (item,), strict=False):
                self.variables.append((name, part))
            pieces.append(self.within(item, node.body))
        return "".join(pieces) if pieces else self.run(node.otherwise)

    def within(self, dot: Any, body: Sequence[Node]) -> str:
        before, self.dot = self.dot, dot
        try:
            return self.run(body)
        finally:
            self.dot = before

    def pipeline(self, pipeline: Pipeline) -> Any:
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

    def command(self, terms: Sequence[Term], piped: Any) -> Any:
        head, arguments = terms[0], [self.term(term) for term in terms[1:]]
        if piped is not _NOTHING:
            arguments.append(piped)
        if isinstance(head, Word) and head.kind == "name" and head.text in self.functions:
            return self.call(head.text, arguments)
        if arguments:
            raise TemplateError("can't give argument to non-function")
        return self.term(head)

    def call(self, name: str, arguments: list[Any]) -> Any:
        try:
            return self.functions[name](*arguments)
        except TemplateError:
            raise
        except (TypeError, ValueError, KeyError, IndexError, OverflowError) as problem:
            raise TemplateError(f"error calling {name}: {problem}") from None

    def term(self, term: Term) -> Any:
        if isinstance(term, Pipeline):
            return self.pipeline(term)
        if isinstance(term, tuple) and not isinstance(term, Word):
            return fields(self.pipeline(term[0]), term[1])
        match term.kind:
            case "string":
                return json.loads(term.text, strict=False)
            case "raw":
                return term.text[1:-1]
            case "number":
                return number(term.text)
            case "field":
                return self.dot if term.text == "." else fields(self.dot, term.text)
            case "variable":
                name, _, path = term.text.partition(".")
                value = next(v for n, v in reversed(self.variables) if n == name)
                return fields(value, "." + path) if path else value
        if term.text in ("true", "false"):
            return term.text == "true"
        if term.text == "nil":
            return None
        return self.call(term.text, [])


_NOTHING = object()


def fields(value: Any, path: str) -> Any:
    """A value's fields, one after the other; a label that is not there is empty."""
    for name in path.strip(".").split("."):
        if not isinstance(value, Mapping):
            raise TemplateError(f"can't evaluate field {name} in type {type(value).__name__}")
        if name not in value and {"Labels", "Value"} & value.keys():
            raise TemplateError(f"can't evaluate field {name}")
        value = value.get(name, "")
    return value


def truth(value: Any) -> bool:
    """Go's: empty, zero and nil are false; NaN is true."""
    return bool(value)


def number(text: str) -> int | float:
    """A number of a template."""
    try:
        return int(text, 0)
    except ValueError:
        return float(text)


def spelled(value: Any) -> str:
    """Go's %v."""
    from simulator.alerting.humanize import shortest

    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return shortest(value)
    if value is None:
        return "<no value>"
    if isinstance(value, Mapping):
        inner = " ".join(f"{key}:{spelled(item)}" for key, item in sorted(value.items()))
        return f"map[{inner}]"
    if isinstance(value, list | tuple):
        return "[" + " ".join(spelled(item) for item in value) + "]"
    return str(value)


def _functions() -> Mapping[str, Callable[..., Any]]:
    from simulator.alerting.template_functions import FUNCTIONS

    return FUNCTIONS
