"""`extends:` at the top of a file or inside it: maps are merged, everything else is replaced."""

from dataclasses import dataclass, field, replace
from pathlib import Path

from simulator.source.complaint import Complaint, Key, Position, display_path, error_at
from simulator.source.document import Document, YamlNode
from simulator.source.library import FOLDERS, find_file, kind_of, library_folders, with_suffixes
from simulator.source.reader import NODES_MAX, parse_file

# The format of the value of a key; elsewhere the file itself tells its format.
KINDS = {
    "pipeline": "pipeline",
    "oncall": "oncall",
    "rubric": "rubric",
    "responder": "playbook",
    "par": "playbook",
}
CHAIN_MAX = 16


@dataclass
class ExtendsReader:
    """Reads files and the files that they extend, each once."""

    home: Path
    complaints: list[Complaint] = field(default_factory=list)
    extended: dict[Path, Position] = field(default_factory=dict)  # where a file is extended first
    _roots: dict[Path, YamlNode] = field(default_factory=dict)

    def read(self, file: Path, chain: tuple[Path, ...] = ()) -> YamlNode:
        """The root of a file with every file that it extends merged in."""
        resolved = file.resolve()
        if resolved not in self._roots:
            root, complaints = parse_file(file)
            self.complaints += complaints
            kind = kind_of(file)
            self._roots[resolved] = self._expand(root, file, (*chain, resolved), (), kind)
        return self._roots[resolved]

    def _expand(
        self,
        node: YamlNode,
        file: Path,
        chain: tuple[Path, ...],
        path: tuple[Key, ...],
        kind: str | None,
    ) -> YamlNode:
        """A node of `file` with every `extends` in and below it followed."""
        if isinstance(node.value, list):
            items = [
                self._expand(item, file, chain, (*path, n), None)
                for n, item in enumerate(node.value)
            ]
            return node if items == node.value else YamlNode(items, node.position)
        if not isinstance(node.value, dict):
            return node
        own = {
            key: self._expand(child, file, chain, (*path, key), KINDS.get(key))
            for key, child in node.value.items()
            if key != "extends"
        }
        same = len(own) == len(node.value) and all(own[key] is node.value[key] for key in own)
        over = node if same else YamlNode(own, node.position, node.key_positions)
        if "extends" not in node.value:
            return over
        base = self._base(node.value["extends"], file, chain, (*path, "extends"), kind)
        merged = merge(base, over)
        if merged.size > NODES_MAX:
            raise error_at(node.position, path, f"extends to more than {NODES_MAX:,} values")
        return merged

    def _base(
        self,
        name: YamlNode,
        file: Path,
        chain: tuple[Path, ...],
        path: tuple[Key, ...],
        kind: str | None,
    ) -> YamlNode:
        """The root of the file that an `extends` names."""
        if not isinstance(name.value, str):
            raise error_at(name.position, path, "expected the name of a file")
        target = find_file(name.value, kind, file.parent, self.home, name.position, path)
        if target.resolve() in chain or len(chain) > CHAIN_MAX:
            circle = " -> ".join(display_path(step) for step in (*chain, target.resolve()))
            raise error_at(name.position, path, f"extends goes in a circle: {circle}")
        self.extended.setdefault(target, name.position)
        return self.read(target, chain)


def merge(base: YamlNode, over: YamlNode) -> YamlNode:
    """`over` merged over `base`: maps are merged, everything else is replaced."""
    if not (isinstance(base.value, dict) and isinstance(over.value, dict)):
        return over
    values = dict(base.value)
    for key, child in over.value.items():
        values[key] = merge(values[key], child) if key in values else child
    return YamlNode(values, over.position, {**base.key_positions, **over.key_positions})


def load(file: Path | str, *, home: Path | None = None, foreign: bool = False) -> Document:
    """A file as a document, with every file that it extends merged in.

    Parameters
    ----------
    file : Path or str
        A path; `locate_file` and `find_file` turn names into paths.
    home : Path
        The folder that file names in it may not leave by `..`; by default the file's own.
    foreign : bool
        A file of Prometheus or Alertmanager: aliases are expanded, `extends` has no meaning.

    Raises
    ------
    SourceError
        The file, or a file that it extends, cannot be read as YAML.
    """
    file = Path(file)
    home = home or file.parent
    if foreign:
        root, complaints = parse_file(file, foreign=True)
        return Document(file, root, home, tuple(complaints))
    reader = ExtendsReader(home)
    root = reader.read(file)
    return Document(file, root, home, tuple(reader.complaints), reader.extended)


def inline_file(document: Document, at: tuple[Key, ...]) -> Document:
    """The document with the file name at a path replaced by the content of that file.

    `pipeline: pipelines/flight-delay.yaml` becomes the pipeline itself, ready for overrides.
    """
    node = document.node(at)
    if node is None or not isinstance(node.value, str) or str(at[-1]) not in KINDS:
        return document
    reader = ExtendsReader(document.home)
    # A name from the command line is in no file; it is looked up in the scenario's folder.
    holder = node.position.file
    folder = holder.parent if holder.is_file() else document.home
    file = find_file(node.value, KINDS[str(at[-1])], folder, document.home, node.position, at)
    root = replace_node(document.root, at, reader.read(file))
    return replace(
        document,
        root=root,
        complaints=(*document.complaints, *reader.complaints),
        extended={**reader.extended, **document.extended},
    )


def inline_user_file(
    document: Document, at: tuple[Key, ...], name: YamlNode
) -> tuple[Document, YamlNode]:
    """The content of a file in the working directory that the command line names at a path.

    A name of a file in the document's folder, and any other value, stays as it is. To a shipped
    document, the folder of its user's file is its own from then on.
    """
    kind, text = KINDS.get(str(at[-1])), name.value
    if kind is None or not isinstance(text, str) or not text.isprintable() or len(text) > 255:
        return document, name
    own, here = (with_suffixes(folder / text) for folder in (document.home, Path()))
    file = next((file for file in here if file.is_file() and kind_of(file) in (kind, None)), None)
    if file is None or any(other.is_file() for other in own):
        return document, name
    loaded = load(file)
    shipped = any(document.home.is_relative_to(folder) for folder in library_folders())
    changed = replace(
        document,
        home=loaded.home if shipped else document.home,
        complaints=(*document.complaints, *loaded.complaints),
        extended={**loaded.extended, **document.extended},
    )
    return changed, loaded.root


def replace_node(node: YamlNode, at: tuple[Key, ...], new: YamlNode) -> YamlNode:
    """A copy of a tree with one node replaced; the other nodes are shared."""
    if not at:
        return new
    child = node.child(at[0])
    inner = replace_node(child, at[1:], new) if child is not None else new
    if isinstance(node.value, list) and isinstance(at[0], int):
        items = [inner if n == at[0] else item for n, item in enumerate(node.value)]
        return YamlNode(items, node.position)
    assert isinstance(node.value, dict), "a path leads through maps and lists"
    key = str(at[0])
    positions = {**node.key_positions, key: node.key_positions.get(key, new.position)}
    return YamlNode({**node.value, key: inner}, node.position, positions)


assert set(KINDS.values()) <= set(FOLDERS)
