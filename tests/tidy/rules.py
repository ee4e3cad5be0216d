"""The house rules: each takes a folder of Python files and returns complaints as `file:line: text`."""

import ast
import sys
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

import grimp

# A function longer than this hides a noun. TigerBeetle's limit too (docs/TIGER_STYLE.md).
LINES = 70


class Ban(NamedTuple):
    """A name that the tree no longer has, and what it is called now."""

    old: str
    new: str
    where: str  # "": everywhere; "definitions": not where it is only used; or the start of a path


class Use(NamedTuple):
    """One identifier in one line of code."""

    name: str
    line: int
    defines: bool


def bans(table: Path) -> list[Ban]:
    """The rows of a table of banned names: old, new, where, with tabs between."""
    rows = [row.split("\t") for row in table.read_text().splitlines()[1:]]
    return [Ban(*row) for row in rows]


@cache
def modules(folder: Path) -> dict[str, ast.Module]:
    """The parsed files of a folder by their path below its parent."""
    return {
        str(path.relative_to(folder.parent)): ast.parse(path.read_text())
        for path in sorted(folder.rglob("*.py"))
    }


def banned_names(folder: Path, table: list[Ban]) -> list[str]:
    """Identifiers and file names that are banned, with their replacements."""
    banned = defaultdict(list)
    for ban in table:
        banned[ban.old].append(ban)
    complaints = []
    for path, tree in modules(folder).items():
        file_name = Use(Path(path).stem, 1, defines=True)
        for use in (file_name, *uses(tree)):
            for ban in banned.get(use.name, ()):
                if ban.where == "definitions":
                    applies = use.defines
                else:
                    applies = path.startswith(ban.where)
                if applies:
                    complaints.append(f"{path}:{use.line}: {ban.old!r} is now {ban.new!r}")
    return complaints


def uses(tree: ast.AST) -> Iterator[Use]:
    """Every identifier of the code, those inside the braces of f-strings too; no strings."""
    for node in ast.walk(tree):
        match node:
            # Two fifths of all nodes are contexts, calls and constants, which have no names.
            case ast.expr_context() | ast.Call() | ast.Constant():
                pass
            case ast.Name():
                yield Use(node.id, node.lineno, isinstance(node.ctx, ast.Store))
            case ast.Attribute():
                yield Use(node.attr, node.end_lineno or 1, isinstance(node.ctx, ast.Store))
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield Use(node.name, node.lineno, defines=True)
            case ast.arg():
                yield Use(node.arg, node.lineno, defines=True)
            case ast.keyword(arg=str(name)):
                yield Use(name, node.lineno, defines=False)
            case ast.ImportFrom(module=str(name)):
                yield from (Use(part, node.lineno, defines=False) for part in name.split("."))
            case ast.alias():
                yield from (Use(part, node.lineno, defines=False) for part in node.name.split("."))
                if node.asname:
                    yield Use(node.asname, node.lineno, defines=True)
            case (
                ast.ExceptHandler(name=str(name))
                | ast.MatchAs(name=str(name))
                | ast.MatchStar(name=str(name))
                | ast.MatchMapping(rest=str(name))
            ):
                yield Use(name, node.lineno, defines=True)


def classes_defined_twice(folder: Path) -> list[str]:
    """Public classes whose name an earlier file has already; those inside functions are its own."""
    first: dict[str, str] = {}
    complaints = []
    for path, tree in modules(folder).items():
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                place = f"{path}:{node.lineno}"
                if node.name in first:
                    complaints.append(f"{place}: class {node.name} is in {first[node.name]} too")
                first.setdefault(node.name, place)
    return complaints


def shared_file_names(
    folder: Path, named: Collection[str], reasons: Mapping[str, str]
) -> list[str]:
    """File names that several rooms have, and reasons for names that only one has.

    Rooms whose files are `named` by something else, parts by their names in YAML for example, may
    repeat a name of another room.
    """
    rooms = defaultdict(list)
    for path in modules(folder):
        room = Path(path).parent
        if room.name not in named:
            rooms[Path(path).stem].append(path)
    shared = {name: paths for name, paths in rooms.items() if len(paths) > 1}
    return [
        f"{paths[-1]}:1: {paths[0]} has the same name; is it the same idea?"
        for name, paths in shared.items()
        if name not in reasons
    ] + [f"{name!r} has a reason and is one file's only" for name in reasons.keys() - shared.keys()]


def long_functions(folder: Path, reasons: Mapping[str, str]) -> list[str]:
    """Functions of too many lines, and reasons for functions that are short or gone.

    `reasons` has them by `path:name`.
    """
    complaints, excused = [], set()
    for path, tree in modules(folder).items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines <= LINES:
                    continue
                key = f"{path}:{node.name}"
                excused.add(key)
                if key not in reasons:
                    complaints.append(
                        f"{path}:{node.lineno}: {node.name} has {lines} lines, of {LINES} at most"
                    )
    return complaints + [f"{key} has a reason and is not long" for key in reasons.keys() - excused]


def import_circles(folder: Path) -> list[str]:
    """Modules that import each other in a circle, imports under TYPE_CHECKING counted."""
    sys.path.insert(0, str(folder.parent))
    try:
        graph = grimp.build_graph(folder.name, exclude_type_checking_imports=False, cache_dir=None)
    finally:
        sys.path.remove(str(folder.parent))
    complaints = []
    remaining = set(graph.modules)
    while remaining:
        module = min(remaining)
        circle = graph.find_upstream_modules(module) & graph.find_downstream_modules(module)
        remaining -= {module, *circle}
        if circle:
            imported = min(graph.find_modules_directly_imported_by(module) & circle)
            (first, *_) = graph.get_import_details(importer=module, imported=imported)
            path = module.replace(".", "/")
            path += "/__init__.py" if (folder.parent / path).is_dir() else ".py"
            names = ", ".join(sorted({module, *circle}))
            complaints.append(f"{path}:{first['line_number']}: a circle of imports: {names}")
    return complaints
