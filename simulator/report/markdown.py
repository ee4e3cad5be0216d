"""Markdown of texts from players and logs, which may contain tags, bars and stars."""

import re
from collections.abc import Iterable
from html import escape

# An underscore within a name, as in latency_p99, is not markup.
MARKUP = re.compile(r"[\\`*\[\]|]|(?<!\w)_|_(?!\w)")


def escape_markdown(text: str) -> str:
    """The Markdown of a plain text, on one line.

    Examples
    --------
    >>> escape_markdown("<b>errors</b> & a|b *again*: latency_p99")
    '&lt;b&gt;errors&lt;/b&gt; &amp; a\\\\|b \\\\*again\\\\*: latency_p99'
    """
    return MARKUP.sub(r"\\\g<0>", escape(" ".join(text.split()), quote=False))


def sentence(text: str) -> str:
    """The Markdown of a reason as a sentence.

    Examples
    --------
    >>> sentence("every objective held")
    'Every objective held.'
    """
    return escape_markdown(f"{text[0].upper()}{text[1:]}.")


def table_row(cells: Iterable[str]) -> str:
    """A row of a table from Markdown cells.

    Examples
    --------
    >>> table_row(["`leak`", "10 min"])
    '| `leak` | 10 min |'
    """
    return f"| {' | '.join(cells)} |"
