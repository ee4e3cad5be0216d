"""An on-call file as text: short maps on one line, comments on what was not carried over."""

import json
import re
import textwrap
from collections.abc import Iterator

import yaml

from simulator.oncall.imports.draft import SECTIONS, Draft
from simulator.oncall.imports.notes import Place

WIDTH = 100
HEAD_LINES = 20
_PLAIN = re.compile(r"[A-Za-z0-9][\w./-]*|\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?)?")


def on_call_text(draft: Draft, source: str) -> str:
    """The text of the file.

    Parameters
    ----------
    source : str
        What it was made from, for its head.
    """
    comments = _with_remarks(draft)
    out = [f"# Made by drill oncall import from {source}."]
    out += [f"# {line}" for line in comments.get((), ())]
    out += ["oncall: 1", f"name: {_scalar(draft.name)}"]
    for section in SECTIONS:
        if draft.parts[section]:
            out += _comment(comments.get((section,), ()), "")
            out.append(f"{section}:")
            for name, entry in draft.parts[section].items():
                place = (section, name)
                out += _comment(comments.get(place, ()), "  ")
                out += _named(_scalar(name), entry, 2, place, comments, section)
    return "\n".join(out) + "\n"


def _with_remarks(draft: Draft) -> dict[Place, list[str]]:
    """The comments of every place; those on a whole section without their resources."""
    comments = {place: list(lines) for place, lines in draft.comments.items()}
    for remark in draft.notes.remarks:
        lines = comments.setdefault(remark.place, [])
        name = remark.source
        if len(remark.place) == 2 and not name.startswith("module."):
            name = name.partition(".")[2] or name
        line = remark.text if len(remark.place) == 1 else f"{name}: {remark.text}"
        if line not in lines:
            lines.append(line)
    head = comments.get((), [])
    if len(head) > HEAD_LINES:
        more = f"… and {len(head) - HEAD_LINES} more remarks, on standard error"
        comments[()] = [*head[:HEAD_LINES], more]
    return comments


def _comment(lines: list[str] | tuple[()], indent: str) -> Iterator[str]:
    for line in lines:
        yield from textwrap.wrap(
            line, WIDTH, initial_indent=f"{indent}# ", subsequent_indent=f"{indent}#   ",
            break_long_words=False, break_on_hyphens=False,
        )  # fmt: skip


def _named(
    key: str,
    value: object,
    indent: int,
    place: Place,
    comments: dict[Place, list[str]],
    section: str,
) -> Iterator[str]:
    """A key with its value: schedules and policies in blocks, all else on one line."""
    pad = " " * indent
    blocks = section in ("schedules", "policies")
    if isinstance(value, dict) and blocks and any(isinstance(v, list) for v in value.values()):
        yield f"{pad}{key}:"
        for inner, item in value.items():
            yield from _named(inner, item, indent + 2, (*place, inner), comments, section)
    elif isinstance(value, list) and blocks and value and isinstance(value[0], dict):
        yield f"{pad}{key}:"
        for number, item in enumerate(value):
            yield from _comment(comments.get((*place, number), []), pad + "  ")
            yield from _wrapped(f"{pad}  - ", flow(item))
    else:
        yield from _wrapped(f"{pad}{key}: ", flow(value))


def _wrapped(start: str, text: str) -> list[str]:
    """A value in flow style, over several lines if it is long: broken between items only."""
    indent = " " * (len(start) - len(start.lstrip()) + 4)
    lines = [start]
    for item in text.split(", "):
        more = item if lines[-1] in (start, indent) else f", {item}"
        if len(lines[-1]) + len(more) >= WIDTH and lines[-1] not in (start, indent):
            lines[-1] += ","
            lines.append(indent)
            more = item
        lines[-1] += more
    return lines


def flow(value: object) -> str:
    """A value in YAML's flow style.

    Examples
    --------
    >>> flow({"people": ["ana", "no"], "between": "18:00-08:00", "days": ["Sat"]})
    '{people: [ana, "no"], between: "18:00-08:00", days: [Sat]}'
    """
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_scalar(k)}: {flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(flow, value)) + "]"
    return _scalar(value)


def _scalar(value: object) -> str:
    if not isinstance(value, str):
        return json.dumps(value)
    if re.fullmatch(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?)?", value):
        return value
    plain = _PLAIN.fullmatch(value) and yaml.safe_load(value) == value
    return value if plain else json.dumps(value, ensure_ascii=False)
