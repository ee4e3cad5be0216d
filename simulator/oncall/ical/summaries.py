"""The person that the summary of a calendar's event names."""

import re
import unicodedata
from collections.abc import Iterable

from simulator.units import did_you_mean, format_value

_LEVEL = re.compile(r"\s*\[L(\d{1,4})\]", re.IGNORECASE)
_PARTS = re.compile(r"\s+[-–|]\s+")


class SummaryReader:
    """Finds the people of an on-call file in the summaries of events.

    A person is named by the key, whatever the case, accents and separators: "Ana María Silva" and
    "ana_maria.silva" are `ana-maria-silva`. The name is the whole summary or one of its parts
    between " - ", as in PagerDuty's "On Call - Ana - Primary"; of an e-mail address, what stands
    before the @. Grafana's "[L1]" is a priority.

    Examples
    --------
    >>> reader = SummaryReader(["ana-silva", "ben"])
    >>> reader.person("On Call - Ana Silva - Primary"), reader.person("[L2] ben@example.org")
    ('ana-silva', 'ben')
    >>> reader.person("Bn")
    Traceback (most recent call last):
    ValueError: names nobody of the on-call file: 'Bn'; did you mean 'ben'?
    """

    def __init__(self, people: Iterable[str]) -> None:
        self.people = {_normalize(person): person for person in people}

    def person(self, summary: str) -> str:
        """The key of the person.

        Raises
        ------
        ValueError
            Nobody has such a name.
        """
        text = _LEVEL.sub("", summary, count=1)
        for part in (text, *_PARTS.split(text)):
            if (name := _normalize(part.strip().split("@")[0])) in self.people:
                return self.people[name]
        text = _PARTS.split(text.strip().removeprefix("On Call - "))[0]
        hint = did_you_mean(text, self.people.values())
        raise ValueError(f"names nobody of the on-call file: {format_value(text)}{hint}")


def level_of(summary: str) -> int:
    """The priority of an event, 0 without one.

    Examples
    --------
    >>> level_of("[L2] ben"), level_of("ben")
    (2, 0)
    """
    match = _LEVEL.match(summary)
    return int(match[1]) if match else 0


def _normalize(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[\W_]+", "-", plain.lower()).strip("-")
