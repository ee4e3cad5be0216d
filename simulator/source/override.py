"""`--set PATH=VALUE`: one value of a document replaced from the command line."""

import re
from pathlib import Path

from simulator.source.complaint import Complaint, Key, Mark, SourceError, complain, say_path
from simulator.source.document import Document, Node
from simulator.source.extends import replaced, resolved
from simulator.source.reader import read_text
from simulator.units import did_you_mean

_STEP = re.compile(r"([^.\[\]]+)((?:\[\d{1,6}\])*)(?:\.|$)")
_IDENTITIES = ("id", "name")


def override(document: Document, text: str) -> Document:
    """The document with one value replaced.

    Parameters
    ----------
    document : Document
    text : str
        `objectives.accuracy.min=0.8`; an entry of a list by its number (`injects[0].at=20m`) or
        its id (`injects.hours.at=20m`). The value is YAML. A named file in the way is read and
        stands in the document from then on: `pipeline.stages.serving.replicas=6`.

    Raises
    ------
    SourceError
        No such path; the message names the nearest.
    """
    path_text, equals, value_text = text.partition("=")
    place = Mark(Path(f"--set {text if len(text) <= 80 else text[:77] + '...'}"))
    path = _path(path_text.strip())
    if not equals or not path:
        raise SourceError(
            [complain(place, (), "expected PATH=VALUE, for example objectives.accuracy.min=0.8")]
        )
    value = _value(value_text.strip(), place)
    done: tuple[Key, ...] = ()
    for last, key in ((n == len(path) - 1, key) for n, key in enumerate(path)):
        document = resolved(document, done)
        node = document.node(done)
        assert node is not None, "every step so far was found"
        found = _step(node, key)
        if found is None and not (last and isinstance(node.value, dict)):
            raise SourceError([_missing(place, done, key, node)])
        done = (*done, key if found is None else found)
    return document.with_root(replaced(document.root, done, value))


def _path(text: str) -> list[Key]:
    path: list[Key] = []
    end = 0
    for found in _STEP.finditer(text):
        if found.start() != end:
            return []
        path += [found[1], *(int(number) for number in re.findall(r"\d+", found[2]))]
        end = found.end()
    return path if end == len(text) and not text.endswith(".") else []


def _value(text: str, place: Mark) -> Node:
    try:
        root, complaints = read_text(text, place.file) if text else (Node(None, place), [])
    except SourceError as error:
        complaints = list(error.complaints)
    if complaints:
        # Lines and columns of a command line help nobody.
        raise SourceError(Complaint(str(place.file), 0, 0, c.path, c.text) for c in complaints)
    return _placed(root, place)


def _placed(node: Node, place: Mark) -> Node:
    if isinstance(node.value, dict):
        values = {key: _placed(child, place) for key, child in node.value.items()}
        return Node(values, place, dict.fromkeys(values, place))
    if isinstance(node.value, list):
        return Node([_placed(child, place) for child in node.value], place)
    return Node(node.value, place)


def _step(node: Node, key: Key) -> Key | None:
    """The key as it stands in the node: a list's entry may be meant by its id."""
    if node.child(key) is not None:
        return key
    if isinstance(node.value, list):
        for number, item in enumerate(node.value):
            names = (item.child(identity) for identity in _IDENTITIES)
            if any(name is not None and name.value == key for name in names):
                return number
    return None


def _missing(place: Mark, done: tuple[Key, ...], key: Key, node: Node) -> Complaint:
    where = f"in {say_path(done)!r}" if done else "at the top"
    if isinstance(node.value, dict):
        text = f"no key {str(key)!r} {where}{did_you_mean(str(key), node.value)}"
    elif isinstance(node.value, list):
        text = f"no entry {key!r} {where}; it has {len(node.value)}, counted from [0]"
    else:
        text = f"nothing can be set {where}: it is a single value"
    return complain(place, (*done, key), text)
