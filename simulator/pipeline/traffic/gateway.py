"""The facts of the gateway before the model server: what it refuses and what it answers itself."""

from dataclasses import dataclass


@dataclass
class Gateway:
    """What the gateway does with requests; every request passes by default.

    Examples
    --------
    >>> Gateway().active
    False
    """

    @property
    def active(self) -> bool:
        """Whether it does anything but pass requests on."""
        return False
