"""Parser of Go's text/template: text, actions, blocks and their pipelines."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

ACTION = re.compile(
    r"""\{\{(?P<left>-\ )?\s*
      (?P<body>(?:/\*.*?\*/ | "(?:\\.|[^"\\])*" | `[^`]*` | [^{}`"] | \{ | \}(?!\}))*?)
      \s*(?P<right>\ -)?\}\}""",
    re.DOTALL | re.VERBOSE,
)
TOKEN = re.compile(
    r"""\s*(?:(?P<string>"(?:\\.|[^"\\])*")|(?P<raw>`[^`]*`)
      |(?P<number>[+-]?(?:0[xX][0-9a-fA-F]+|\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?))
      |(?P<variable>\$[A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)
      |(?P<field>(?:\.[A-Za-z_][A-Za-z0-9_]*)+|\.)
      |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
      |(?P<mark>:=|=|\||\(|\)|,))""",
    re.VERBOSE,
)
ESCAPES = dict(zip('abfnrtv\\"', '\a\b\f\n\r\t\v\\"', strict=True))
LENGTH_MAX = 50_000  # characters
NESTING_MAX = 500  # actions and parentheses, as the parser recurses
BLOCKS = ("if", "with", "range")


class TemplateError(ValueError):
    """A template that cannot be parsed or executed."""


class Token(NamedTuple):
    """One token of an action."""

    kind: str
    text: str


Operand = Any  # a Token, a TemplatePipeline in parentheses, or its field: (pipeline, '.name')


@dataclass
class TemplatePipeline:
    """Commands joined by `|`, with the variables that their value is assigned to."""

    variables: list[str]
    declares: bool
    commands: list[list[Operand]]


@dataclass
class TemplateNode:
    """A piece of text, an output action, or a block."""

    kind: str
    text: str = ""
    pipeline: TemplatePipeline | None = None
    body: list[TemplateNode] = field(default_factory=list)
    otherwise: list[TemplateNode] = field(default_factory=list)


class TemplateParser:
    """Parses one template; `functions` are the names of the functions that it may call."""

    def __init__(self, text: str, functions: Collection[str]) -> None:
        if len(text) > LENGTH_MAX or text.count("(") + text.count("{{") > NESTING_MAX:
            raise TemplateError("template is too long")
        self.pieces = list(_pieces(text))
        self.at = 0
        self.names = {*functions, "true", "false", "nil"}
        self.variables = ["$", "$labels", "$externalLabels", "$externalURL", "$value"]

    def parse(self) -> list[TemplateNode]:
        """The template's nodes."""
        nodes, end = self.nodes()
        if end:
            raise TemplateError(f"unexpected {{{{{end}}}}}")
        return nodes

    def nodes(self) -> tuple[list[TemplateNode], str]:
        """Nodes up to the enclosing block's `end` or `else`, and that action."""
        nodes: list[TemplateNode] = []
        while self.at < len(self.pieces):
            kind, body = self.pieces[self.at]
            self.at += 1
            if kind == "text":
                nodes.append(TemplateNode("text", body))
                continue
            tokens = list(_tokens(body))
            head = tokens[0].text if tokens and tokens[0].kind == "name" else ""
            if head == "end" or head == "else":
                return nodes, body
            if head in BLOCKS:
                nodes.append(self.block(head, tokens[1:]))
            elif head in ("template", "define", "block", "break", "continue"):
                raise TemplateError(f"{{{{{head}}}}} is not supported")
            elif tokens:
                nodes.append(TemplateNode("output", pipeline=self.pipeline(tokens)))
        return nodes, ""

    def block(self, kind: str, tokens: list[Token]) -> TemplateNode:
        scope = len(self.variables)
        node = TemplateNode(kind, pipeline=self.pipeline(tokens))
        node.body, end = self.nodes()
        if end.startswith("else"):
            rest = list(_tokens(end))[1:]
            if rest:
                node.otherwise = [self.block(rest[0].text, rest[1:])]
                del self.variables[scope:]
                return node
            node.otherwise, end = self.nodes()
        if end != "end":
            raise TemplateError(f"{{{{{kind}}}}} without its {{{{end}}}}")
        del self.variables[scope:]
        return node

    def pipeline(self, tokens: list[Token]) -> TemplatePipeline:
        variables: list[str] = []
        texts = [token.text for token in tokens]
        for sign in (":=", "="):
            if sign in texts:
                at = texts.index(sign)
                if all(token.kind == "variable" or token.text == "," for token in tokens[:at]):
                    variables = [token.text for token in tokens[:at] if token.kind == "variable"]
                    if sign == "=":
                        self.check_variables(variables)
                    self.variables += variables
                    commands, rest = self.commands(tokens[at + 1 :])
                    self.check_end(rest)
                    return TemplatePipeline(variables, sign == ":=", commands)
        commands, rest = self.commands(tokens)
        self.check_end(rest)
        return TemplatePipeline(variables, False, commands)

    def check_end(self, rest: list[Token]) -> None:
        if rest:
            raise TemplateError(f"unexpected {rest[0].text!r} in command")

    def commands(self, tokens: list[Token]) -> tuple[list[list[Operand]], list[Token]]:
        commands: list[list[Operand]] = [[]]
        while tokens:
            token, tokens = tokens[0], tokens[1:]
            if token.text == ")" and token.kind == "mark":
                tokens = [token, *tokens]
                break
            if token.text == "|" and token.kind == "mark":
                commands.append([])
            elif token.text == "(" and token.kind == "mark":
                inner, tokens = self.commands(tokens)
                if not tokens:
                    raise TemplateError("unclosed left paren")
                tokens = tokens[1:]
                operand: Operand = TemplatePipeline([], False, inner)
                if tokens and tokens[0].kind == "field" and tokens[0].text != ".":
                    operand, tokens = (operand, tokens[0].text), tokens[1:]
                commands[-1].append(operand)
            elif token.kind == "mark":
                raise TemplateError(f"unexpected {token.text!r} in operand")
            else:
                self.check_token(token)
                commands[-1].append(token)
        if not all(commands):
            raise TemplateError("missing value for command")
        return commands, tokens

    def check_token(self, token: Token) -> None:
        if token.kind == "name" and token.text not in self.names:
            raise TemplateError(f'function "{token.text}" not defined')
        if token.kind == "variable":
            self.check_variables([token.text])

    def check_variables(self, variables: Sequence[str]) -> None:
        for variable in variables:
            if variable.split(".")[0] not in self.variables:
                raise TemplateError(f'undefined variable "{variable.split(".")[0]}"')


def _pieces(text: str) -> Sequence[tuple[str, str]]:
    """The template split into texts and actions."""
    pieces: list[tuple[str, str]] = []
    at, trim = 0, False
    while (start := text.find("{{", at)) >= 0:
        action = ACTION.match(text, start)
        if action is None:
            raise TemplateError("unclosed action")
        before = text[at:start]
        before = before.lstrip() if trim else before
        before = before.rstrip() if action["left"] else before
        if before:
            pieces.append(("text", before))
        if not action["body"].startswith("/*"):
            pieces.append(("action", action["body"]))
        at, trim = action.end(), bool(action["right"])
    rest = text[at:].lstrip() if trim else text[at:]
    if rest:
        pieces.append(("text", rest))
    return pieces


def _tokens(body: str) -> Sequence[Token]:
    tokens: list[Token] = []
    at = 0
    while body[at:].strip():
        match = TOKEN.match(body, at)
        if match is None:
            raise TemplateError(f"unexpected {body[at:].strip()[:1]!r} in command")
        kind = str(match.lastgroup)
        text = match.group(kind)
        tokens.append(Token(kind, unescape(text[1:-1]) if kind == "string" else text))
        at = match.end()
    return tokens


def unescape(text: str) -> str:
    """The inside of a quoted string with Go's escapes replaced.

    Examples
    --------
    >>> unescape(r'a\\tb \\"c\\" \\u00e9') == 'a\\tb "c" é'
    True
    """

    def replacement(match: re.Match[str]) -> str:
        escape = match[1]
        if escape[0] in "xuU" and len(escape) > 1:
            return chr(min(int(escape[1:], 16), 0x10FFFF))
        if escape not in ESCAPES:
            raise TemplateError(f"invalid escape \\{escape} in a string")
        return ESCAPES[escape]

    return re.sub(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)", replacement, text)
