"""`extends:` and names of files: merged maps, replaced lists, no way out of the folder."""

import pytest

from simulator.source import SourceError, find_file, inline_file, load, locate_file, shipped_files


def test_maps_are_merged_and_lists_replaced(write):
    write("base.yaml", "a: {b: 1, c: 2}\nl: [1, 2]\nname: base\n")
    file = write("over.yaml", "extends: base.yaml\na: {c: 3}\nl: [9]\n")
    document = load(file)
    assert document.plain() == {"a": {"b": 1, "c": 3}, "l": [9], "name": "base"}
    assert str(document.position(("a", "b")).file).endswith("base.yaml")
    assert document.position(("a", "c"))[1:] == (2, 8)


def test_a_map_inside_a_file_may_extend_another_file(write):
    write("parts/p.yaml", "pipeline: 1\nstages: {serving: {replicas: 4, queue: 9}}\n")
    file = write("s.yaml", "pipeline: {extends: parts/p.yaml, stages: {serving: {replicas: 6}}}\n")
    assert load(file).plain(("pipeline", "stages")) == {"serving": {"replicas": 6, "queue": 9}}


def test_a_complaint_about_an_extended_file_has_the_place_of_the_extends(write):
    write("parts/deep.yaml", "x: 1\n")
    write("parts/p.yaml", "extends: deep.yaml\ny: 2\n")
    document = load(write("s.yaml", "z: 3\np: {extends: parts/p.yaml}\n"))
    assert [
        str(document.complaint_at(at, "is wrong")) for at in (("z",), ("p", "y"), ("p", "x"))
    ] == [
        "s.yaml:1:4: z: is wrong",
        "parts/p.yaml:2:4: p.y: is wrong (extended at s.yaml:2:14)",
        "parts/deep.yaml:1:4: p.x: is wrong (extended at s.yaml:2:14)",
    ]


def test_a_complaint_about_a_file_extended_by_a_named_file_has_its_place(write):
    write("base.yaml", "pipeline: 1\nx: 1\n")
    write("p.yaml", "pipeline: 1\nextends: base.yaml\ny: 1\n")
    document = load(write("s.yaml", "pipeline: p.yaml\n"))
    document = inline_file(document, ("pipeline",))
    places = [str(document.complaint_at(("pipeline", key), "is wrong")) for key in "xy"]
    assert places == [
        "base.yaml:2:4: pipeline.x: is wrong (extended at p.yaml:2:10)",
        "p.yaml:3:4: pipeline.y: is wrong",
    ]


def test_names_in_an_extended_file_are_looked_up_in_its_folder(write):
    write("parts/deep.yaml", "x: 1\n")
    write("parts/p.yaml", "extends: deep.yaml\ny: 2\n")
    assert load(write("s.yaml", "extends: parts/p.yaml\n")).plain() == {"x": 1, "y": 2}


def test_files_that_extend_each_other_are_refused(write, refused):
    write("a.yaml", "extends: b.yaml\n")
    write("b.yaml", "extends: a.yaml\n")
    assert refused("a.yaml") == [
        "b.yaml:1:10: extends: extends goes in a circle: a.yaml -> b.yaml -> a.yaml"
    ]
    assert refused(write("self.yaml", "extends: self.yaml\n")) == [
        "self.yaml:1:10: extends: extends goes in a circle: self.yaml -> self.yaml"
    ]


def test_the_expanded_size_of_extends_is_bounded(write, refused):
    write("f0.yaml", "x: [1, 2, 3, 4, 5, 6, 7, 8]\n")
    for n in range(1, 15):
        write(f"f{n}.yaml", "".join(f"k{i}: {{extends: f{n - 1}.yaml}}\n" for i in range(4)))
    assert "values" in refused("f14.yaml")[0]


def test_a_missing_file_and_an_invalid_name_are_refused(write, refused):
    assert refused(write("a.yaml", "extends: none.yaml\n")) == [
        "a.yaml:1:10: extends: no file 'none.yaml'"
    ]
    assert refused(write("b.yaml", "extends: [x]\n")) == [
        "b.yaml:1:10: extends: expected the name of a file"
    ]


@pytest.mark.parametrize("name", ["../secret.yaml", "sub/../../secret.yaml", "{}/secret.yaml"])
def test_no_name_leaves_the_folder(write, refused, tmp_path, name):
    write("secret.yaml", "x: 1\n")
    name = name.format(tmp_path)
    file = write("drills/a.yaml", f"extends: {name}\n")
    assert refused(file) == [
        f"drills/a.yaml:1:10: extends: {name!r} leaves the scenario's folder; "
        "put the file there, or name a shipped one"
    ]


def test_a_name_may_go_up_inside_the_folder(write):
    write("drills/base.yaml", "x: 1\n")
    write("drills/parts/p.yaml", "extends: ../base.yaml\n")
    assert load(write("drills/a.yaml", "p: {extends: parts/p.yaml}\n")).plain(("p",)) == {"x": 1}


def test_shipped_files_are_found_by_path_and_by_bare_name(write, tmp_path):
    for name in ("rubrics/default.yaml", "default"):
        path = find_file(
            name, "rubric", tmp_path, tmp_path, load(write("a.yaml", "x: 1")).position(()), ()
        )
        assert path == shipped_files("rubric")["default"]


def test_the_users_file_comes_before_a_shipped_file(write, tmp_path):
    own = write("rubrics/default.yaml", "rubric: 1\n")
    mark = load(own).position(())
    assert find_file("default", "rubric", tmp_path, tmp_path, mark, ()) == tmp_path / own


def test_a_bare_name_finds_a_file_of_the_expected_format(write, tmp_path):
    write("leak.yaml", "drill: 1\n")
    book = write("playbooks/leak.yaml", "playbook: 1\n")
    mark = load(book).position(())
    assert find_file("leak", "playbook", tmp_path, tmp_path, mark, ()) == tmp_path / book


def test_a_file_of_another_format_is_refused(write, tmp_path):
    file = write("a.yaml", "oncall: 1\n")
    with pytest.raises(SourceError) as refused:
        find_file("a.yaml", "pipeline", tmp_path, tmp_path, load(file).position(()), ("pipeline",))
    assert str(refused.value) == (
        "a.yaml:1:1: pipeline: 'a.yaml' is an on-call file, expected a pipeline"
    )


def test_the_command_line_may_name_any_path(write, tmp_path, monkeypatch):
    write("elsewhere/a.yaml", "drill: 1\n")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert str(locate_file("../elsewhere/a.yaml", "drill")) == "../elsewhere/a.yaml"
    with pytest.raises(SourceError, match="defalt: no rubric 'defalt'; did you mean 'default'"):
        locate_file("defalt", "rubric")
