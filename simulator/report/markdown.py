"""What others wrote, put into Markdown: a message may hold tags, bars and stars."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

# An underscore within a name, as in latency_p99, marks nothing up.
MARKUP = re.compile(r"[\\`*\[\]|]|(?<!\w)_|_(?!\w)")


def plain(text: str) -> str:
    """A text that reads in Markdown as it was written, on one line.

    Examples
    --------
    >>> plain("<b>errors</b> & a|b *again*: latency_p99")
    '&lt;b&gt;errors&lt;/b&gt; &amp; a\\\\|b \\\\*again\\\\*: latency_p99'
    """
    return MARKUP.sub(r"\\\g<0>", escape(" ".join(text.split()), quote=False))


def sentence(text: str) -> str:
    """A reason as a sentence of its own.

    Examples
    --------
    >>> sentence("every objective held")
    'Every objective held.'
    """
    return plain(f"{text[0].upper()}{text[1:]}.")


def row(cells: Iterable[str]) -> str:
    """A row of a table, of cells that are Markdown.

    Examples
    --------
    >>> row(["`leak`", "10 min"])
    '| `leak` | 10 min |'
    """
    return f"| {' | '.join(cells)} |"
