"""The phases of a drill: warm-up, baseline, injects; its end is logged with the run's."""

WARM_UP, BASELINE, INJECTS = "warm-up", "baseline", "injects"


class Phases:
    """The phases that have begun.

    The injects begin with the first fault, and not in the warm-up.

    Examples
    --------
    >>> phases = Phases(warm_up=300_000)
    >>> phases.begin(0), phases.begin(300_000), phases.begin(600_000, fault_starts=True)
    (['warm-up'], ['baseline'], ['injects'])
    """

    def __init__(self, warm_up: int) -> None:
        self._warm_up = warm_up
        self._begun: list[str] = []
        self._fault_started = False

    def begin(self, t: int, *, fault_starts: bool = False) -> list[str]:
        """The phases that begin at a time, ms, given whether a fault starts then."""
        self._fault_started |= fault_starts
        reached = [WARM_UP]
        if t >= self._warm_up:
            reached += [BASELINE, INJECTS] if self._fault_started else [BASELINE]
        begun, self._begun = self._begun, reached
        return reached[len(begun) :]
