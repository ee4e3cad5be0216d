"""Query text to syntax tree: promql-parser, with what it refuses or mangles put right first.

promql-parser 0.12 refuses regex escapes in back-quoted strings, reads `@ -100` as `@ 0`, and
knows neither `1_000`, `0b101` nor `holt_winters`. The text is cut into tokens and those are
rewritten, so that nothing inside a string or a comment is touched.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple

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
PLACEHOLDER = 100_000_000_000  # seconds, the year 5138: stands for the n-th `@` time
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
OPENERS = {"(": ")", "[": "]", "{": "}"}
DEPTH = 100  # nested brackets; the parser recurses
OPERATORS = 300  # and so does the planner, down a chain of operators
LONGEST = 20_000  # characters; the longest of 2,653 public rules has 3,000
FARTHEST = 10**14  # ms, three thousand years: beyond it `@` means nothing
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
    """A query: its text, its tree, and the times (ms) that its `@` placeholders stand for."""

    text: str
    tree: Any
    pinned: tuple[int, ...]

    def __deepcopy__(self, memo: object) -> Parsed:
        return self  # never changed; and the parser's trees cannot be copied


@lru_cache(maxsize=4096)
def parse(text: str) -> Parsed:
    """The syntax tree of a query.

    Raises
    ------
    PromQLError
        With the parser's complaint.

    Examples
    --------
    >>> parse("up @ -100").pinned
    (-100000,)
    >>> parse("rate(up)")
    Traceback (most recent call last):
    ...
    simulator.promql.errors.PromQLError: expected type matrix in call to function 'rate', got vector
    """
    if len(text) > LONGEST:
        raise PromQLError(f"longer than {LONGEST:,} characters")
    rewritten, pinned = _rewrite(text)
    try:
        tree = parser.parse(rewritten)
    except ValueError as problem:
        raise PromQLError(" ".join(str(problem).split())) from None
    except BaseException as panic:
        if type(panic).__name__ != "PanicException":  # the parser's own name for a crash
            raise
        raise PromQLError(f"cannot be parsed: {panic}") from None
    return Parsed(text, tree, tuple(pinned))


def duration(text: str) -> int:
    """A Prometheus duration in ms: '5m', '1h30m', '100ms' or '0'.

    Examples
    --------
    >>> duration("1h30m"), duration("250ms"), duration("0")
    (5400000, 250, 0)
    """
    if text == "0":
        return 0
    units = "".join(rf"(?:(\d+){unit})?" for unit in ("y", "w", "d", "h", "m", "s", "ms"))
    found = re.fullmatch(units, text)
    if not text or not found:
        raise PromQLError(f"not a valid duration string: {text!r}; write for example 5m or 1h30m")
    names = ("y", "w", "d", "h", "m", "s", "ms")
    return sum(int(n) * UNIT_MS[unit] for n, unit in zip(found.groups(), names, strict=True) if n)


def pinned_time(parsed: Parsed, at: Any) -> int:
    """The time, ms, that an `@` modifier names."""
    moment: datetime = at.at.replace(tzinfo=UTC)
    return parsed.pinned[round((moment - EPOCH).total_seconds()) - PLACEHOLDER]


def _rewrite(text: str) -> tuple[str, list[int]]:
    pieces: list[str] = []
    pinned: list[int] = []
    waiting = ""  # "@" once seen, "@-" once its sign was
    open_brackets: list[str] = []
    operators = 0
    for token in TOKEN.finditer(text):
        kind, piece = token.lastgroup, token.group()
        if kind == "comment":
            continue
        if waiting and kind == "other" and piece in "+-":
            waiting += piece
            continue
        if waiting and kind in ("number", "duration"):
            sign = -1 if waiting.count("-") % 2 else 1
            pieces.append(str(PLACEHOLDER + len(pinned)))
            pinned.append(sign * _milliseconds(piece))
        elif kind == "raw":
            pieces.append(_quoted(piece[1:-1]))
        elif kind == "number":
            if "[" in open_brackets and not _number(piece) * 1000 < FARTHEST:
                raise PromQLError(f"duration out of range: {piece}")
            pieces.append(_plain(piece))
        else:
            _count_brackets(piece, open_brackets)
            pieces.append(piece)
            operators += OPERATOR.fullmatch(piece) is not None
        if kind == "at":
            waiting = "@"
        elif kind != "space":
            waiting = ""
    if operators > OPERATORS:
        raise PromQLError(f"more than {OPERATORS} operators")
    return "".join(pieces), pinned


def _count_brackets(piece: str, open_brackets: list[str]) -> None:
    if piece in OPENERS:
        open_brackets.append(piece)
        if len(open_brackets) > DEPTH:
            raise PromQLError(f"more than {DEPTH} nested brackets")
    elif open_brackets and piece == OPENERS[open_brackets[-1]]:
        open_brackets.pop()


def _milliseconds(piece: str) -> int:
    if re.search(r"\d(ms|[smhdwy])", piece):
        return duration(piece)
    seconds = _number(piece)
    if not seconds * 1000 < FARTHEST:
        raise PromQLError(f"timestamp out of bounds for @ modifier: {piece}")
    return round(seconds * 1000)


def _number(piece: str) -> float:
    digits = piece.replace("_", "").lower()
    if digits.startswith(("0x", "0b", "0o")):
        return float(int(digits, 0))
    return float(digits)


def _plain(piece: str) -> str:
    digits = piece.replace("_", "")
    if digits[:2].lower() in ("0b", "0o"):
        return str(int(digits, 0))
    return digits


def _quoted(raw: str) -> str:
    return '"' + raw.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
