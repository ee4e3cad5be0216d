"""Finds the place of an error in a query: the parser gives none."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from simulator.promql.errors import PromQLError
from simulator.promql.syntax import CLOSING, TOKEN, parse

INVALID = "invalid promql query"
# The parser's messages that are about the text; all others are about its meaning.
OF_THE_TEXT = re.compile(
    rf"{INVALID}|unexpected|unclosed|unterminated|bad number|no expression|'!' can not"
)
# Some of these complete every beginning of a query.
COMPLETIONS = ("", "x", "1", "(x)", "''", "=''", "a=''", "5m", ":5m", ":")
ENDS = ("", " x", " (x)")
LINE_MAX = 150  # characters; a caret under a line that wraps points nowhere
OPERATOR = re.compile(r"[=!]~|[=!<>]=")


class Located(NamedTuple):
    """An error of a query, with its offset in the text in characters; None if unknown."""

    message: str
    offset: int | None


class QueryToken(NamedTuple):
    """A piece of a query."""

    start: int
    text: str

    @property
    def end(self) -> int:
        """The offset behind the token."""
        return self.start + len(self.text)


def locate(text: str, problem: PromQLError) -> Located:
    """The place of an error in a query.

    A syntax error lies at the first token after which no continuation is a query.

    Examples
    --------
    >>> locate("sum(up) of 5", PromQLError("invalid promql query"))
    Located(message="unexpected 'of'", offset=8)
    >>> locate("1 + rat(up[5m])", PromQLError("unknown function with name 'rat'"))
    Located(message="unknown function with name 'rat'", offset=4)
    """
    message = str(problem)
    tokens = _tokens(text)
    if not OF_THE_TEXT.match(message):
        return Located(message, _named(message, tokens))
    first, last = 0, len(tokens)  # the prefix of `first` tokens is a beginning of a query
    while first < last:
        middle = (first + last + 1) // 2
        if _is_beginning(text[: tokens[middle - 1].end]):
            first = middle
        else:
            last = middle - 1
    if first < len(tokens):
        token = tokens[first]
        if message == INVALID or message.startswith("unexpected end"):
            message = f"unexpected {token.text!r}"
        return Located(message, token.start)
    opened = _open_brackets(text)
    if opened:
        return Located(f"{text[opened[-1]]!r} is not closed", opened[-1])
    return Located("the query is not complete" if tokens else message, len(text.rstrip()))


def mark(text: str, problem: PromQLError) -> str:
    """The message of an error with its place, and the line of the query with a caret.

    Examples
    --------
    >>> print(mark("sum(up) of 5", PromQLError("invalid promql query")))
    1:9: unexpected 'of'
      sum(up) of 5
              ^
    """
    message, offset = locate(text, problem)
    if offset is None:
        return message
    row = text.count("\n", 0, offset)
    column = offset - text.rfind("\n", 0, offset) - 1
    line = text.splitlines()[row] if text.strip() else ""
    place = f"{row + 1}:{column + 1}: {message}"
    return f"{place}\n  {line}\n  {' ' * column}^" if len(line) <= LINE_MAX else place


def _tokens(text: str) -> list[QueryToken]:
    """The tokens of a query, without spaces and comments; operators are whole."""
    tokens: list[QueryToken] = []
    end = 0
    for match in TOKEN.finditer(text):
        operator = OPERATOR.match(text, match.start())
        if match.start() < end or match.lastgroup in ("space", "comment"):
            continue
        end = operator.end() if operator else match.end()
        tokens.append(QueryToken(match.start(), text[match.start() : end]))
    return tokens


def _is_beginning(text: str) -> bool:
    """Whether some continuation of the text is a query."""
    closing = "".join(CLOSING[text[offset]] for offset in reversed(_open_brackets(text)))
    return any(
        _is_query(f"{text} {completion}{closing}{end}")
        for completion in COMPLETIONS
        for end in ENDS
    )


def _is_query(text: str) -> bool:
    try:
        parse.__wrapped__(text)  # past its cache, which is for whole queries
    except PromQLError as problem:
        return not OF_THE_TEXT.match(str(problem))
    return True


def _open_brackets(text: str) -> list[int]:
    """The offsets of the brackets that are not closed."""
    opened: list[int] = []
    for token in TOKEN.finditer(text):
        if token.group() in CLOSING:
            opened.append(token.start())
        elif opened and token.group() == CLOSING[text[opened[-1]]]:
            opened.pop()
    return opened


def _named(message: str, tokens: Sequence[QueryToken]) -> int | None:
    """The offset of the name or string in a message, if the query has it once."""
    name = re.search(r"'(\w+)'", message) or re.search(r"regex for (.+)", message)
    if name is None:
        return None
    offsets = [
        token.start
        for token in tokens
        if token.text == name[1] or (token.text[0] in "'\"`" and token.text[1:-1] == name[1])
    ]
    return offsets[0] if len(offsets) == 1 else None
