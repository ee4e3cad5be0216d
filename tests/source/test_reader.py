"""YAML files: their values, and the errors of invalid files."""

import time
import tracemalloc

import pytest

from simulator.source import load

BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join(['*' + before] * 10)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


def test_scalars_follow_yaml_1_2(write):
    text = "[1, 2.5, 1e3, true, null, ~, yes, 22:22, 2026-03-09, '7', 0x10, 1_000, -3, .5]"
    assert load(write("a.yaml", text)).plain() == [
        1, 2.5, 1000.0, True, None, None, "yes", "22:22", "2026-03-09", "7", "0x10", "1_000", -3, 0.5,
    ]  # fmt: skip


def test_every_value_has_its_position(write):
    document = load(write("a.yaml", "injects:\n  - at: 5m\n    fault: leak\n"))
    assert document.position(("injects", 0, "fault"))[1:] == (3, 12)
    assert document.key_position(("injects", 0, "fault"))[1:] == (3, 5)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("", "a.yaml:1:1: the file is empty"),
        ("# only a comment\n", "a.yaml:1:1: the file is empty"),
        ("a: 1\na: 2\n", "a.yaml:2:1: a: duplicate key 'a'; the first is on line 1"),
        (
            "a: &x 1\nb: *x\n",
            "a.yaml:1:4: a: an anchor ('&x'); write it out, or use 'extends:'",
        ),
        ("a: *x\n", "a.yaml:1:4: a: an alias ('*x'); write it out, or use 'extends:'"),
        (
            "a: !!python/object:os.system x\n",
            "a.yaml:1:4: a: a tag ('tag:yaml.org,2002:python/object:os.syste'); leave it out",
        ),
        ("a:\n\tb: 1\n", "a.yaml:2:1: not valid YAML: a tab cannot indent; YAML wants spaces"),
        ("a: 1\n---\nb: 2\n", "a.yaml:2:1: a second document; a file holds one"),
        ("? [a]\n: 1\n", "a.yaml:1:3: a key that is not a plain text"),
        ("a: 'open\n", "a.yaml:2:1: not valid YAML: a quote that is never closed"),
        ("a: [1, 2\n", "a.yaml:2:1: not valid YAML: a '[' without its ']', or a missing ','"),
        (
            "a: b: c\n",
            "a.yaml:1:5: not valid YAML: a ':' where none can be; is a quote or an indent missing?",
        ),
        (b"a: \xff\n", "a.yaml:1:4: byte 0xff is not UTF-8; save the file as UTF-8"),
        (b"\xff\xfea\x00", "a.yaml:1:1: byte 0xff is not UTF-8; save the file as UTF-8"),
        ("ä: \x01\n", "a.yaml:1:4: not valid YAML: a control character; is this a text file?"),
        ("[" * 200_000, "a.yaml:1:66: nested deeper than 64 levels"),
        ("{a: " * 200_000, "a.yaml:1:261: nested deeper than 64 levels"),
        ("- " * 200_000, "a.yaml:1:131: nested deeper than 64 levels"),
        pytest.param(
            "[" + "a," * 300_000 + "]",
            "a.yaml:1:200000: [99999]: more than 100,000 values",
            marks=pytest.mark.slow,
        ),
        (
            b"x" * 50_000_000,
            "a.yaml: the file is larger than 4 MiB; a file of this format has a few KiB",
        ),
        (BOMB, "a.yaml:1:4: a: an anchor ('&a'); write it out, or use 'extends:'"),
    ],
    ids=lambda value: repr(value[:20]),
)
def test_invalid_yaml_is_refused_in_one_line_with_bounded_time_and_memory(
    write, refused, content, line
):
    file = write("a.yaml", content)
    start = time.process_time()
    assert refused(file) == [line]
    # Measured: 0.6 s for 100,000 values, milliseconds for the rest.
    assert time.process_time() - start < 5
    tracemalloc.start()
    refused(file)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100 * 1024**2


def test_all_duplicate_keys_are_reported(write, refused):
    assert len(refused(write("a.yaml", "a: 1\na: 2\nb: {c: 1, c: 2}\n"))) == 2


def test_a_missing_file_and_a_folder_are_refused(tmp_path, monkeypatch, refused):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    assert refused("none.yaml") == ["none.yaml: no such file"]
    assert refused("folder") == ["folder: is a folder, expected a file"]


def test_prometheus_files_may_use_aliases(write):
    text = "x: &x {for: 5m, labels: {team: ml}}\nrules:\n  - {<<: *x, for: 1m}\n  - *x\n"
    assert load(write("a.yml", text), foreign=True).plain(("rules",)) == [
        {"for": "1m", "labels": {"team": "ml"}},
        {"for": "5m", "labels": {"team": "ml"}},
    ]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (BOMB, "a.yml:6:8: f[0]: more than 200,000 values"),
        ("a: &a [*a]\n", "a.yml:1:8: a[0]: alias '*a' stands inside its own anchor"),
        ("a: *b\n", "a.yml:1:4: a: alias '*b' has no anchor before it"),
        ("a: &a 1\nb: {<<: *a}\n", "a.yml:1:4: b.<<: '<<' wants a map"),
    ],
)
def test_aliases_are_bounded(write, refused, content, line):
    start = time.process_time()
    assert refused(write("a.yml", content), foreign=True) == [line]
    assert time.process_time() - start < 5
