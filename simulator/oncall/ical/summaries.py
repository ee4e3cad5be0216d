"""The person that the summary of a calendar's event names."""

import re
import unicodedata
from collections.abc import Iterable

from simulator.units import did_you_mean, format_value
from simulator.units.wording import join_words

_LEVEL = re.compile(r"\s*\[L(\d{1,4})\]", re.IGNORECASE)
_PARTS = re.compile(r"\s+[-–|]\s+")
# What people add to a name: "On call: Ana", "Ana (primary)", "Ben on call".
_ADDED = re.compile(r"\([^()]*\)|^\W*on[- ]?call\b\W*|\W*\bon[- ]?call\W*$", re.IGNORECASE)
_SEVERAL = re.compile(r"\s*(?:[/&+,;]|\band\b|\bund\b)\s*", re.IGNORECASE)


class SummaryReader:
    """Finds the people of an on-call file in the summaries of events.

    A person is named by the key, whatever the case, accents and separators: "Ana María Silva" and
    "ana_maria.silva" are `ana-maria-silva`. The name is the whole summary or one of its parts
    between " - ", as in PagerDuty's "On Call - Ana - Primary"; of an e-mail address, what stands
    before the @. Grafana's "[L1]" is a priority. "On call: Ana" and "Ana (primary)" are Ana.

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
        for part in (text, *_PARTS.split(text), person_in(text)):
            if (name := self._key(part)) is not None:
                return name
        text = person_in(text)
        people = [name for part in several_in(text) if (name := self._key(part))]
        if len(people) > 1:
            text = f"names several people, {join_words(people)}"
            raise ValueError(f"{text}; expected an event for each of them")
        hint = did_you_mean(text, self.people.values())
        raise ValueError(f"names nobody of the on-call file: {format_value(text)}{hint}")

    def _key(self, name: str) -> str | None:
        return self.people.get(_normalize(name.strip().split("@")[0]))


def person_in(summary: str) -> str:
    """The person whom a summary names, without what people add to a name.

    Examples
    --------
    >>> person_in("On Call - Ana Silva - Primary"), person_in("[L1] ben@example.com")
    ('Ana Silva', 'ben@example.com')
    >>> person_in("On call: Ana"), person_in("Ana (primary)"), person_in("Ben is on-call")
    ('Ana', 'Ana', 'Ben is')
    """
    text = _LEVEL.sub("", summary, count=1)
    return _PARTS.split(_ADDED.sub("", text).strip())[0].strip()


def several_in(summary: str) -> list[str]:
    """The parts of a summary that may be people, if they are several.

    Examples
    --------
    >>> several_in("Ana / Ben"), several_in("Ana and Ben"), several_in("Andy Sand")
    (['Ana', 'Ben'], ['Ana', 'Ben'], [])
    """
    parts = [part for part in _SEVERAL.split(summary) if part]
    return parts if len(parts) > 1 else []


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
