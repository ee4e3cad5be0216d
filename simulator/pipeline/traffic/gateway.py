"""The facts of the gateway before the model server: what it refuses and what it answers itself."""

from dataclasses import dataclass, field

ALL = ""  # the key of a rule that holds for requests of every class

# Answers of a fallback.
CONSTANT, FORMER_MODEL, CACHED = "constant", "former_model", "cached"


@dataclass(frozen=True)
class Shedding:
    """A rule of load shedding: it refuses a share, or what exceeds a rate."""

    share: float = 0.0  # of the attempts that it refuses
    rate: float | None = None  # attempts per second that it lets pass


@dataclass(frozen=True)
class LengthLimit:
    """A limit of the length of requests, as a multiple of the usual length."""

    longest: float
    truncates: bool  # whether it cuts longer requests, or refuses them


@dataclass(frozen=True)
class FallbackLaw:
    """Answers that replace the deployed model's."""

    answer: str
    share: float = 1.0  # of the requests that it is for
    positive: float = 0.0  # share of positive answers, where they are constant
    version: int = 0  # of the former model
    segment: tuple[int, float, float] | None = None  # column, lowest and highest value

    @property
    def needs_server(self) -> bool:
        """Whether its requests go to the model server, which has the former model loaded."""
        return self.answer == FORMER_MODEL


@dataclass
class Gateway:
    """What the gateway does with requests; every request passes by default.

    Examples
    --------
    >>> Gateway().active, Gateway(length_limit=LengthLimit(2.0, False)).active
    (False, True)
    """

    shedding: dict[str, Shedding] = field(default_factory=dict)  # by class, or for ALL
    length_limit: LengthLimit | None = None
    fallback: FallbackLaw | None = None
    # attempts per second of each class, measured while anything is shed
    offered: dict[str, float] = field(default_factory=dict)

    @property
    def active(self) -> bool:
        """Whether it does anything but pass requests on."""
        return bool(self.shedding) or self.length_limit is not None or self.fallback is not None
