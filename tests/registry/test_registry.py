"""The catalogue: one part a file, found by name; invalid parts are errors."""

import sys

import pytest

from simulator.registry import Part, PartError, Registry, UnknownPart, describe, part

LEAK = '''
"""Memory."""
from simulator.registry import Part, part
from simulator.units import Duration, Flow

@part
class Leak(Part):
    """Memory is never freed. Then more."""
    speed: Flow
    """How fast."""
    after: Duration = 60_000
    """When it begins."""
'''


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder of parts, importable as `rooms`."""
    room = tmp_path / "rooms"
    room.mkdir()
    (room / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    yield room
    for name in [name for name in sys.modules if name.split(".")[0] == "rooms"]:
        del sys.modules[name]


def registry():
    return Registry("rooms", Part, "fault")


def test_listing_imports_no_part(folder):
    (folder / "memory_leak.py").write_text(LEAK)
    (folder / "broken.py").write_text("1 / 0")
    (folder / "_helper.py").write_text("")
    assert registry().names() == ("broken", "memory_leak")
    assert "rooms.memory_leak" not in sys.modules
    assert registry().get("memory_leak").kind == "memory_leak"
    assert "rooms.broken" not in sys.modules


def test_a_part_that_fails_to_import_is_an_error(folder):
    (folder / "broken.py").write_text("1 / 0")
    with pytest.raises(PartError) as refused:
        registry().all()
    assert str(refused.value) == ("fault 'broken': rooms.broken fails to import: division by zero")


def test_a_file_without_a_part_is_an_error(folder):
    (folder / "empty.py").write_text("from simulator.registry import Part, part")
    with pytest.raises(PartError, match="expected one class marked @part, found 0"):
        registry().get("empty")


def test_a_file_with_two_parts_is_an_error(folder):
    (folder / "two.py").write_text(LEAK + LEAK.replace("Leak", "Other"))
    with pytest.raises(PartError, match="found 2"):
        registry().get("two")


def test_a_part_with_another_base_is_an_error(folder):
    class Other(Part):
        """Another base."""

    (folder / "memory_leak.py").write_text(LEAK)
    with pytest.raises(PartError, match="Leak is not a Other"):
        Registry("rooms", Other, "fault").get("memory_leak")


def test_only_a_part_can_be_marked():
    with pytest.raises(PartError, match="wants a subclass of Part"):
        part(int)


def test_a_missing_folder_is_an_error():
    with pytest.raises(PartError, match=r"no folder 'no\.such' to find faults in"):
        Registry("no.such", Part, "fault").names()


def test_an_unknown_name_is_refused_with_the_closest(folder):
    (folder / "memory_leak.py").write_text(LEAK)
    with pytest.raises(UnknownPart) as refused:
        registry().get("memory_leek")
    assert str(refused.value) == (
        "unknown fault 'memory_leek'; did you mean 'memory_leak'? (drill catalogue faults)"
    )


def test_other_packages_add_parts_by_entry_points(folder, tmp_path, monkeypatch):
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "__init__.py").write_text("")
    (tmp_path / "theirs" / "outage.py").write_text(LEAK)
    info = tmp_path / "theirs-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: theirs\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[rooms]\noutage = theirs.outage\n")
    assert registry().names() == ("outage",)
    assert registry().get("outage").kind == "outage"
    (folder / "outage.py").write_text(LEAK)
    with pytest.raises(PartError, match=r"'outage' is in rooms\.outage and in theirs\.outage"):
        registry().names()


def test_a_part_is_described_from_its_docstring_and_fields(folder):
    (folder / "memory_leak.py").write_text(LEAK)
    entry = describe(registry().get("memory_leak"))
    assert entry.name == "memory_leak"
    assert entry.about == "Memory is never freed."
    assert entry.fields == (
        ("speed", "a flow of bytes", "bytes per second", "", "How fast."),
        ("after", "a duration", "ms", "1m", "When it begins."),
    )
