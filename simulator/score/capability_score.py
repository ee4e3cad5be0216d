"""The score of a capability in a run or an incident."""

from typing import Self

import msgspec


class CapabilityScore(msgspec.Struct, frozen=True):
    """How well a run showed a capability.

    Attributes
    ----------
    value : float or None
        0 to 1; None where the drill gave no chance to show it.
    why : str
        How it came about, or why there is none.
    marked : bool or None
        Whether the capability's own mark came; None if it has none.
    major : tuple of str
        What caps the rating at M: harm beyond tolerance, a gate, a mandatory step left out.
    lost : tuple of str
        What makes it U: lost data, an exposed secret.

    Examples
    --------
    >>> CapabilityScore.not_shown("there was no page").value is None
    True
    """

    value: float | None
    why: str = ""
    marked: bool | None = None
    major: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()

    @classmethod
    def not_shown(cls, why: str) -> Self:
        """The drill gave no chance to show it: N/A, never a pass."""
        return cls(None, why)
