"""Query text to syntax tree: promql-parser, after rewriting the syntax that it lacks.

promql-parser 0.12 rejects regex escapes in back-quoted strings, reads `@ -100` as `@ 0`, and
supports neither `1_000`, `0b101` nor `holt_winters`. The text is rewritten token by token, so
that strings and comments stay as they are.
"""

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple, Self

import promql_parser as parser

from simulator.promql.errors import PromQLError

TOKEN = re.compile(
    r"""(?P<comment>\#[^\n]*)
      | (?P<raw>`[^`]*`)
      | (?P<string>"(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])*')
      | (?P<word>[A-Za-z_:][A-Za-z0-9_:]*)
      | (?P<number>0[xX][0-9a-fA-F_]+ | 0[bB][01_]+ | 0[oO][0-7_]+
          | (?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d[\d_]*)?(?![A-Za-z0-9_]))
      | (?P<duration>\d[0-9a-z]*)
      | (?P<at>@)
      | (?P<space>\s+)
      | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
UNIT_MS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
UNIT_MS |= {"w": 7 * UNIT_MS["d"], "y": 365 * UNIT_MS["d"]}
PLACEHOLDER = 100_000_000_000  # seconds, the year 5138: + n stands for the n-th `@` time
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CLOSING = {"(": ")", "[": "]", "{": "}"}
MAX_DEPTH = 100  # nested brackets; the parser recurses
MAX_OPERATORS = 300  # the planner recurses down a chain of operators
MAX_LENGTH = 20_000  # characters; the longest of 2,653 public rules has 3,000
MAX_MS = 10**14  # three thousand years: bounds `@` and durations
OPERATOR = re.compile(r"[-+*/%^<>]|==|!=|and|or|unless|atan2", re.IGNORECASE)

parser.register_extra_functions(
    [
        parser.Function(
            "holt_winters",
            [parser.ValueType.Matrix, parser.ValueType.Scalar, parser.ValueType.Scalar],
            parser.ValueType.Vector,
        )
    ]
)


class Parsed(NamedTuple):
    """A query: its text, its syntax tree, and the times (ms) of its `@` placeholders."""

    text: str
    tree: Any
    at_times: tuple[int, ...]

    def __deepcopy__(self, memo: object) -> Self:
        return self  # immutable, and the parser's trees cannot be copied


@lru_cache(maxsize=4096)
def parse(text: str) -> Parsed:
    """The syntax tree of a query.

    Raises
    ------
    PromQLError
        With the parser's message.

    Examples
    --------
    >>> parse("up @ -100").at_times
    (-100000,)
    >>> parse("rate(up)")
    Traceback (most recent call last):
    ...
    simulator.promql.errors.PromQLError: expected type matrix in call to function 'rate', got vector
    """
    if len(text) > MAX_LENGTH:
        raise PromQLError(f"longer than {MAX_LENGTH:,} characters")
    rewritten, at_times = _rewrite(text)
    try:
        tree = parser.parse(rewritten)
    except ValueError as problem:
        raise PromQLError(" ".join(str(problem).split())) from None
    except BaseException as panic:
        if type(panic).__name__ != "PanicException":  # the name of a panic in the parser
            raise
        raise PromQLError(f"cannot be parsed: {panic}") from None
    return Parsed(text, tree, tuple(at_times))


def duration(text: str) -> int:
    """A Prometheus duration in ms: '5m', '1h30m', '100ms' or '0'.

    Examples
    --------
    >>> duration("1h30m"), duration("250ms"), duration("0")
    (5400000, 250, 0)
    """
    if text == "0":
        return 0
    units = ("y", "w", "d", "h", "m", "s", "ms")
    match = re.fullmatch("".join(rf"(?:(\d+){unit})?" for unit in units), text)
    if not text or not match:
        raise PromQLError(f"not a valid duration string: {text!r}; write for example 5m or 1h30m")
    return sum(int(n) * UNIT_MS[unit] for n, unit in zip(match.groups(), units, strict=True) if n)


def at_modifier_time(parsed: Parsed, at: Any) -> int:
    """The time, ms, of an `@` modifier."""
    placeholder: datetime = at.at.replace(tzinfo=UTC)
    return parsed.at_times[round((placeholder - EPOCH).total_seconds()) - PLACEHOLDER]


def _rewrite(text: str) -> tuple[str, list[int]]:
    """The text in the parser's syntax, and the times of its `@` modifiers."""
    pieces: list[str] = []
    at_times: list[int] = []
    modifier = ""  # an `@` whose time is still to come, with the signs after it
    open_brackets: list[str] = []
    operators = 0
    for token in TOKEN.finditer(text):
        kind, piece = token.lastgroup, token.group()
        if kind == "comment":
            continue
        if modifier and kind == "other" and piece in "+-":
            modifier += piece
            continue
        if modifier and kind in ("number", "duration"):
            sign = -1 if modifier.count("-") % 2 else 1
            pieces.append(str(PLACEHOLDER + len(at_times)))
            at_times.append(sign * _milliseconds(piece))
        elif kind == "raw":
            pieces.append(_double_quoted(piece[1:-1]))
        elif kind == "number":
            if "[" in open_brackets and not _number(piece) * 1000 < MAX_MS:
                raise PromQLError(f"duration out of range: {piece}")
            pieces.append(_plain_number(piece))
        else:
            _track_brackets(piece, open_brackets)
            pieces.append(piece)
            operators += OPERATOR.fullmatch(piece) is not None
        if kind == "at":
            modifier = "@"
        elif kind != "space":
            modifier = ""
    if operators > MAX_OPERATORS:
        raise PromQLError(f"more than {MAX_OPERATORS} operators")
    return "".join(pieces), at_times


def _track_brackets(piece: str, open_brackets: list[str]) -> None:
    if piece in CLOSING:
        open_brackets.append(piece)
        if len(open_brackets) > MAX_DEPTH:
            raise PromQLError(f"more than {MAX_DEPTH} nested brackets")
    elif open_brackets and piece == CLOSING[open_brackets[-1]]:
        open_brackets.pop()


def _milliseconds(piece: str) -> int:
    if re.search(r"\d(ms|[smhdwy])", piece):
        return duration(piece)
    seconds = _number(piece)
    if not seconds * 1000 < MAX_MS:
        raise PromQLError(f"timestamp out of bounds for @ modifier: {piece}")
    return round(seconds * 1000)


def _number(piece: str) -> float:
    digits = piece.replace("_", "").lower()
    if digits.startswith(("0x", "0b", "0o")):
        return float(int(digits, 0))
    return float(digits)


def _plain_number(piece: str) -> str:
    digits = piece.replace("_", "")
    if digits[:2].lower() in ("0b", "0o"):
        return str(int(digits, 0))
    return digits


def _double_quoted(raw: str) -> str:
    return '"' + raw.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
