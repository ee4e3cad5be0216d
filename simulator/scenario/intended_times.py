"""Local times that were probably meant: `9am`, `9-5`, `Mon 9:00`, `weekdays`."""

import re

_DAY = r"\b(mon|tue|wed|thu|fri|sat|sun)[a-z]*\b"
_HOUR = r"(\d{1,2})(?:[:.h]?(\d\d))?\s*(am|pm|h)?"


def intended_clock(text: str) -> str:
    """A time of day as the formats write it, or an empty text.

    Examples
    --------
    >>> [intended_clock(text) for text in ("9", "9:30", "9am", "5 pm", "0900", "25:00")]
    ['09:00', '09:30', '09:00', '17:00', '09:00', '']
    """
    match = re.fullmatch(_HOUR, text.strip().lower())
    if not match:
        return ""
    hour, minute = int(match[1]), int(match[2] or 0)
    if match[3] in ("am", "pm") and hour <= 12:
        hour = hour % 12 + (12 if match[3] == "pm" else 0)
    return f"{hour:02}:{minute:02}" if hour < 24 and minute < 60 else ""


def intended_span(text: str) -> str:
    """A part of a day as the formats write it, or an empty text.

    Examples
    --------
    >>> [intended_span(text) for text in ("9-5", "9am to 5pm", "18:00–08:00", "23-7")]
    ['09:00-17:00', '09:00-17:00', '18:00-08:00', '23:00-07:00']
    """
    parts = re.split(r"\s*(?:-|–|—|\bto\b|\bbis\b|,)\s*", text.strip("[]() ").lower())
    if len(parts) != 2:
        return ""
    start, end = map(intended_clock, parts)
    # Office hours: both are hours of a twelve-hour clock.
    if all(part.isdecimal() and int(part) <= 12 for part in parts) and end <= start < "12":
        end = f"{int(parts[1]) % 12 + 12:02}:00"
    return f"{start}-{end}" if start and end and start != end else ""


def intended_hand_off(text: str) -> str:
    """A time of hand-off as the formats write it, or an empty text.

    Examples
    --------
    >>> [intended_hand_off(text) for text in ("Mon", "Mon 9:00", "9am", "09:00 Mon", "Moo 9")]
    ['Mon 09:00', 'Mon 09:00', '09:00', 'Mon 09:00', '']
    """
    days = re.findall(_DAY, text.lower())
    rest = re.sub(rf"{_DAY}|\bat\b|,", "", text.lower()).strip()
    clock = intended_clock(rest) if rest else "09:00"
    if len(days) > 1 or not clock or not text.strip():
        return ""
    return f"{days[0].capitalize()} {clock}" if days else clock


def intended_weekdays(text: str, weekdays: tuple[str, ...]) -> tuple[str, ...]:
    """The weekdays meant by a text in place of a list, or none.

    Examples
    --------
    >>> week = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    >>> intended_weekdays("Fri-Sun", week), intended_weekdays("weekend", week)
    (('Fri', 'Sat', 'Sun'), ('Sat', 'Sun'))
    """
    lower = text.strip().lower()
    if lower in ("weekend", "weekends"):
        return weekdays[5:]
    if lower in ("weekdays", "weekday", "workdays", "business days"):
        return weekdays[:5]
    days = [weekdays.index(day.capitalize()) for day in re.findall(_DAY, lower)]
    if len(days) == 2 and re.search(r"-|–|\bto\b", lower):
        last = days[1] if days[0] <= days[1] else days[1] + 7
        days = [day % 7 for day in range(days[0], last + 1)]
    return tuple(weekdays[day] for day in days)
