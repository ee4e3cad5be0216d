"""Go's text/template as a tree: text, actions, blocks and their pipelines."""

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
WORD = re.compile(
    r"""\s*(?:(?P<string>"(?:\\.|[^"\\])*")|(?P<raw>`[^`]*`)
      |(?P<number>[+-]?(?:0[xX][0-9a-fA-F]+|\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?))
      |(?P<variable>\$[A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)
      |(?P<field>(?:\.[A-Za-z_][A-Za-z0-9_]*)+|\.)
      |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
      |(?P<mark>:=|=|\||\(|\)|,))""",
    re.VERBOSE,
)
ESCAPES = dict(zip('abfnrtv\\"', '\a\b\f\n\r\t\v\\"', strict=True))
LONGEST = 50_000  # characters
BLOCKS_MAX = 500  # actions and parentheses; the parser recurses
BLOCKS = ("if", "with", "range")


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


class Parser:
    """Parses one template, knowing the names of the functions."""

    def __init__(self, text: str, known: Collection[str]) -> None:
        if len(text) > LONGEST or text.count("(") + text.count("{{") > BLOCKS_MAX:
            raise TemplateError("template is too long")
        self.pieces = list(_pieces(text))
        self.at = 0
        self.known = {*known, "true", "false", "nil"}
        self.variables = ["$", "$labels", "$externalLabels", "$externalURL", "$value"]

    def parse(self) -> list[Node]:
        """The template's nodes."""
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
        if word.kind == "name" and word.text not in self.known:
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
        text = found.group(kind)
        words.append(Word(kind, unquoted(text[1:-1]) if kind == "string" else text))
        at = found.end()
    return words


def unquoted(text: str) -> str:
    """The inside of a quoted string, Go's escapes undone.

    Examples
    --------
    >>> unquoted(r'a\\tb \\"c\\" \\u00e9') == 'a\\tb "c" é'
    True
    """

    def one(found: re.Match[str]) -> str:
        escape = found[1]
        if escape[0] in "xuU" and len(escape) > 1:
            return chr(min(int(escape[1:], 16), 0x10FFFF))
        if escape not in ESCAPES:
            raise TemplateError(f"invalid escape \\{escape} in a string")
        return ESCAPES[escape]

    return re.sub(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)", one, text)
