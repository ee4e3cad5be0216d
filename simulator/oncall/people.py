"""People: whether they sleep, and how sleep and earlier pages slow them.

The laws are small, and off for `tireless` people and for members without an entry of their own:

- A page wakes a sleeper with the channel's probability, and after a time. Whether a tone wakes
  somebody depends on the tone and on the sleeper (Bruck et al. 2009, Journal of Sleep Research
  18:196-203); the probabilities and the time are assumptions.
- Who was woken is slower at first: sleep inertia lasts up to 30 minutes (Tassi and Muzet 2000,
  Sleep Medicine Reviews 4:341-353). The first look takes half as long again, an
  assumption.
- Every page in the last 24 hours slows the next acknowledgement by a twentieth. Clinicians heed
  reminders less with each further one (Ancker et al. 2017, BMC Medical Informatics and Decision
  Making 17:36: by 30 %); we assume far less.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from simulator.scenario.person import Person
from simulator.scenario.time_law import law_of
from simulator.units import DAY_MS

WAKING = law_of("3m")
# How much longer the first step takes of somebody who was woken.
SLEEP_INERTIA = 1.5
# How much longer the next acknowledgement takes for each page of the last 24 hours.
FATIGUE = 0.05
# Members of a team need no entry: nothing slows them.
ANYBODY = Person.model_validate({"tireless": True, "notices": {"fixed": "0s"}})


class People:
    """The people of one run, and the pages that each had.

    Parameters
    ----------
    people : mapping of str to Person
    epoch_ms : int
        The start of the drill, ms since 1970.

    Examples
    --------
    >>> ana = Person.model_validate({"zone": "Europe/Berlin", "asleep": "23:00-07:00"})
    >>> people = People({"ana": ana}, epoch_ms=0)  # 1970-01-01 01:00 in Berlin
    >>> people.is_asleep("ana", 0), people.is_asleep("ana", 6 * 3_600_000)
    (True, False)
    >>> people.count_page("ana", 0)
    >>> people.fatigue("ana", 60_000), people.fatigue("ana", DAY_MS + 1)
    (1.05, 1.0)
    """

    def __init__(self, people: Mapping[str, Person], epoch_ms: int) -> None:
        self._people, self._epoch = people, epoch_ms
        self._pages: defaultdict[str, list[int]] = defaultdict(list)

    def __getitem__(self, name: str) -> Person:
        return self._people.get(name, ANYBODY)

    def is_asleep(self, name: str, now: int) -> bool:
        """Whether somebody sleeps now, ms from the start of the drill."""
        person = self[name]
        if person.asleep is None or person.tireless:
            return False
        local = datetime.fromtimestamp((self._epoch + now) / 1000, ZoneInfo(person.zone))
        return person.asleep.contains(local.hour * 60 + local.minute)

    def count_page(self, name: str, now: int) -> None:
        """Count a page that somebody saw."""
        self._pages[name].append(now)

    def fatigue(self, name: str, now: int) -> float:
        """The factor of somebody's next acknowledgement by earlier pages."""
        if self[name].tireless:
            return 1.0
        recent = sum(now - DAY_MS < t < now for t in self._pages[name])
        return 1.0 + FATIGUE * recent
