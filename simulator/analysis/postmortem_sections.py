"""The sections of a postmortem, and which of them a person has written.

A draft ends with a seal: a hash of each of its sections. A section with such a hash is the draft's;
what a person changed has none.
"""

import hashlib
import re
from typing import NamedTuple

TO_FILL = "_to fill_"
# What every postmortem has, whoever writes it.
TEMPLATE = (
    "Summary", "Impact", "Root cause", "Detection", "Response", "What went well",
    "What went less well", "Where we were lucky", "Action items", "Timeline",
)  # fmt: skip
FILE = "postmortem.md"
SEAL = re.compile(r"^<!-- draft: ([0-9a-f ]*) -->\s*$", re.MULTILINE)
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
HEADING = re.compile(r"^##[ \t]+(.+?)[ \t]*$", re.MULTILINE)


class PostmortemSection(NamedTuple):
    """A section of a postmortem.

    Attributes
    ----------
    drafted : bool
        Whether it is as the draft had it.
    """

    text: str
    drafted: bool = False

    @property
    def complete(self) -> bool:
        """Whether it says something, and nothing is left to fill."""
        return bool(self.text.strip()) and TO_FILL not in self.text


def sealed(draft: str) -> str:
    """A draft with its seal.

    Examples
    --------
    >>> text = sealed("# A drill\\n\\n## Summary\\nIt broke.\\n\\n## Impact\\n_to fill_\\n")
    >>> sections_of(text)["Summary"].drafted, is_untouched(text)
    (True, True)
    >>> changed = text.replace("broke", "was slow")
    >>> [section.drafted for section in sections_of(changed).values()], is_untouched(changed)
    ([False, True], False)
    """
    hashes = " ".join(map(_hash, _split(draft)))
    return f"{draft.rstrip()}\n\n<!-- draft: {hashes} -->\n"


def sections_of(text: str) -> dict[str, PostmortemSection]:
    """The sections of a postmortem by their titles."""
    hashes = _hashes(text)
    return {
        title: PostmortemSection(body, _hash((title, body)) in hashes)
        for title, body in _split(text)
        if title
    }


def is_untouched(text: str) -> bool:
    """Whether a postmortem is the draft as it was written."""
    return bool(_hashes(text)) and [_hash(part) for part in _split(text)] == _hashes(text)


def _hashes(text: str) -> list[str]:
    seal = SEAL.search(text)
    return seal[1].split() if seal else []


def _split(text: str) -> list[tuple[str, str]]:
    """The titles and texts; what comes before the first title has none."""
    pieces = HEADING.split(COMMENT.sub("", text.replace("\r\n", "\n")))
    titles, bodies = ["", *pieces[1::2]], [pieces[0], *pieces[2::2]]
    return list(zip(titles, bodies, strict=True))


def _hash(section: tuple[str, str]) -> str:
    title, body = section
    # Editors change blank lines and the spaces at the ends of lines.
    lines = [line.strip() for line in body.splitlines()]
    text = "\n".join([title, *(line for line in lines if line)])
    return hashlib.sha256(text.encode()).hexdigest()[:12]
