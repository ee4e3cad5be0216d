"""A reason of a verdict."""

import msgspec


class VerdictReason(msgspec.Struct, frozen=True):
    """A reason of a verdict: a sentence with its time, and what it rests on.

    Attributes
    ----------
    text : str
        The sentence.
    rule : str
        The rule that gave it.
    events : tuple of int
        The lines of log.jsonl that it rests on.
    """

    text: str
    rule: str = ""
    events: tuple[int, ...] = ()
