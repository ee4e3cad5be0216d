"""Sets of time spans: sorted, without overlap, ms since 1970; their ends are not part of them."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

Span = tuple[int, int]
Spans = Sequence[Span]
ALWAYS = (-(2**62), 2**62)


def union(spans: Iterable[Span]) -> list[Span]:
    """The set that any spans cover.

    Examples
    --------
    >>> union([(5, 8), (0, 3), (3, 4), (6, 7), (9, 9)])
    [(0, 4), (5, 8)]
    """
    merged: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def complement(spans: Spans, whole: Span) -> list[Span]:
    """The rest of a span.

    Examples
    --------
    >>> complement([(-1, 2), (5, 6)], (0, 10))
    [(2, 5), (6, 10)]
    """
    since, until = whole
    edges = [(since, since), *spans, (until, until)]
    rest = ((max(a[1], since), min(b[0], until)) for a, b in pairwise(edges))
    return [span for span in rest if span[0] < span[1]]


def intersection(a: Spans, b: Spans) -> list[Span]:
    """The set that two sets have in common.

    Examples
    --------
    >>> intersection([(0, 4), (6, 9)], [(2, 7), (8, 20)])
    [(2, 4), (6, 7), (8, 9)]
    """
    common: list[Span] = []
    i = j = 0
    while i < len(a) and j < len(b):
        start, end = max(a[i][0], b[j][0]), min(a[i][1], b[j][1])
        if start < end:
            common.append((start, end))
        if a[i][1] < b[j][1]:
            i += 1
        else:
            j += 1
    return common


def difference(a: Spans, b: Spans) -> list[Span]:
    """What the first set has and the second has not.

    Examples
    --------
    >>> difference([(0, 4), (6, 9)], [(1, 2), (8, 20)])
    [(0, 1), (2, 4), (6, 8)]
    """
    if not a:
        return []
    return intersection(a, complement(b, (a[0][0], a[-1][1])))
