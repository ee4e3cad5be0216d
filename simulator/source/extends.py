"""`extends:` merges maps and replaces lists, at the top of a file or in place."""

from dataclasses import dataclass, field, replace
from pathlib import Path

from simulator.source.complaint import Complaint, Key, Mark, SourceError, complain, shown
from simulator.source.document import Document, Node
from simulator.source.library import FOLDERS, find, kind_of
from simulator.source.reader import NODES_MAX, read

# The formats of what stands under these keys; elsewhere the file itself says.
KINDS = {
    "pipeline": "pipeline",
    "oncall": "oncall",
    "rubric": "rubric",
    "responder": "playbook",
    "par": "playbook",
}
CHAIN_MAX = 16


@dataclass
class Reading:
    """Reads files and what they extend, each once, and keeps where each is extended first."""

    home: Path
    complaints: list[Complaint] = field(default_factory=list)
    extended: dict[Path, Mark] = field(default_factory=dict)
    _roots: dict[Path, Node] = field(default_factory=dict)

    def root(self, file: Path, chain: tuple[Path, ...] = ()) -> Node:
        """The root of a file with everything it extends merged in."""
        resolved = file.resolve()
        if resolved not in self._roots:
            root, complaints = read(file)
            self.complaints += complaints
            kind = kind_of(file)
            self._roots[resolved] = self.merged(root, file, (*chain, resolved), (), kind)
        return self._roots[resolved]

    def merged(
        self,
        node: Node,
        file: Path,
        chain: tuple[Path, ...],
        path: tuple[Key, ...],
        kind: str | None,
    ) -> Node:
        """A node of `file`, with every `extends` in and under it followed."""
        if isinstance(node.value, list):
            items = [
                self.merged(item, file, chain, (*path, n), None)
                for n, item in enumerate(node.value)
            ]
            return node if items == node.value else Node(items, node.mark)
        if not isinstance(node.value, dict):
            return node
        own = {
            key: self.merged(child, file, chain, (*path, key), KINDS.get(key))
            for key, child in node.value.items()
            if key != "extends"
        }
        same = len(own) == len(node.value) and all(own[key] is node.value[key] for key in own)
        here = node if same else Node(own, node.mark, node.keys)
        if "extends" not in node.value:
            return here
        base = self.base(node.value["extends"], file, chain, (*path, "extends"), kind)
        whole = overlay(base, here)
        if whole.size > NODES_MAX:
            raise SourceError(
                [complain(node.mark, path, f"extends to more than {NODES_MAX:,} values")]
            )
        return whole

    def base(
        self,
        name: Node,
        file: Path,
        chain: tuple[Path, ...],
        path: tuple[Key, ...],
        kind: str | None,
    ) -> Node:
        if not isinstance(name.value, str):
            raise SourceError([complain(name.mark, path, "expected the name of a file")])
        target = find(name.value, kind, file.parent, self.home, name.mark, path)
        if target.resolve() in chain or len(chain) > CHAIN_MAX:
            circle = " -> ".join(shown(step) for step in (*chain, target.resolve()))
            raise SourceError([complain(name.mark, path, f"extends goes in a circle: {circle}")])
        self.extended.setdefault(target, name.mark)
        return self.root(target, chain)


def overlay(base: Node, over: Node) -> Node:
    """`over` upon `base`: maps are merged, everything else is replaced."""
    if not (isinstance(base.value, dict) and isinstance(over.value, dict)):
        return over
    values = dict(base.value)
    for key, child in over.value.items():
        values[key] = overlay(values[key], child) if key in values else child
    return Node(values, over.mark, {**base.keys, **over.keys})


def load(file: Path | str, *, home: Path | None = None, aliases: bool = False) -> Document:
    """A file as a document, with everything it extends merged in.

    Parameters
    ----------
    file : Path or str
        A path; `locate` and `find` turn names into paths.
    home : Path
        The folder that names in it may not leave by `..`; its own where none is given.
    aliases : bool
        For Prometheus and Alertmanager files: aliases are expanded up to a bound, and `extends`
        means nothing.

    Raises
    ------
    SourceError
        The file cannot be read as YAML, or what it extends cannot.
    """
    file = Path(file)
    home = home or file.parent
    if aliases:
        root, complaints = read(file, aliases=True)
        return Document(file, root, home, tuple(complaints))
    reading = Reading(home)
    root = reading.root(file)
    return Document(file, root, home, tuple(reading.complaints), reading.extended)


def resolved(document: Document, at: tuple[Key, ...]) -> Document:
    """The same document with the file that a name in it means put in the name's place.

    `pipeline: pipelines/flight-delay.yaml` becomes the pipeline itself, ready for overrides.
    """
    node = document.node(at)
    if node is None or not isinstance(node.value, str) or str(at[-1]) not in KINDS:
        return document
    reading = Reading(document.home)
    # What the command line names lies in no file; it is looked up beside the scenario.
    beside = node.mark.file.parent if node.mark.file.is_file() else document.home
    file = find(node.value, KINDS[str(at[-1])], beside, document.home, node.mark, at)
    root = replaced(document.root, at, reading.root(file))
    return replace(
        document,
        root=root,
        complaints=(*document.complaints, *reading.complaints),
        extended={**reading.extended, **document.extended},
    )


def replaced(node: Node, at: tuple[Key, ...], new: Node) -> Node:
    """A copy of a tree with one node replaced; the rest is shared."""
    if not at:
        return new
    child = node.child(at[0])
    inner = replaced(child, at[1:], new) if child is not None else new
    if isinstance(node.value, list) and isinstance(at[0], int):
        return Node([inner if n == at[0] else item for n, item in enumerate(node.value)], node.mark)
    assert isinstance(node.value, dict), "a path leads through maps and lists"
    key = str(at[0])
    return Node(
        {**node.value, key: inner}, node.mark, {**node.keys, key: node.keys.get(key, new.mark)}
    )


assert set(KINDS.values()) <= set(FOLDERS)
