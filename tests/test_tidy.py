"""The house rules hold for the tree, and each rule catches an example of what it is against."""

import textwrap
from pathlib import Path

import pytest

from tests.tidy import rules
from tests.tidy.reasons import LONG_FUNCTIONS, NAMED_ROOMS, SHARED_FILE_NAMES

REPOSITORY = Path(__file__).parents[1]
SIMULATOR, TESTS = REPOSITORY / "simulator", REPOSITORY / "tests"
BANS = rules.bans(TESTS / "tidy" / "banned.tsv")
folders = pytest.mark.parametrize("folder", [SIMULATOR, TESTS], ids=lambda folder: folder.name)


@pytest.fixture
def planted(tmp_path):
    """`planted({"a/b.py": text})`: a folder with these files."""
    folder = tmp_path / "planted"

    def plant(files):
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text))
        return folder

    return plant


@folders
def test_no_banned_name_is_used(folder):
    assert rules.banned_names(folder, BANS) == []


def test_a_class_name_is_defined_once():
    assert rules.classes_defined_twice(SIMULATOR) == []


def test_a_file_name_is_used_once():
    assert rules.shared_file_names(SIMULATOR, NAMED_ROOMS, SHARED_FILE_NAMES) == []


@folders
def test_functions_are_short(folder):
    reasons = {key: why for key, why in LONG_FUNCTIONS.items() if key.startswith(folder.name)}
    assert rules.long_functions(folder, reasons) == []


def test_there_is_no_circle_of_imports():
    assert rules.import_circles(SIMULATOR) == []


# -- the rules themselves -------------------------------------------------------------------


BAN = rules.Ban("skim", "step_sampled", "")


@pytest.mark.parametrize(
    "line",
    [
        "skim = 1",
        "world.skim()",
        "call(skim=1)",
        "def skim(): ...",
        "def call(skim): ...",
        "from traffic.skim import step",
        "import traffic as skim",
        "text = f'{skim}'",
        "class Sample:\n    skim: int",
        "match point:\n    case {**skim}: ...",
    ],
)
def test_a_banned_name_is_found_in_code(line, planted):
    folder = planted({"traffic.py": f"'''Traffic.'''\n\n{line}\n"})
    (complaint,) = rules.banned_names(folder, [BAN])
    assert complaint.startswith("planted/traffic.py:")
    assert complaint.endswith(": 'skim' is now 'step_sampled'")


def test_a_banned_name_is_found_as_a_file_name(planted):
    complaints = rules.banned_names(planted({"skim.py": ""}), [BAN])
    assert complaints == ["planted/skim.py:1: 'skim' is now 'step_sampled'"]


def test_strings_comments_and_longer_names_are_no_banned_names(planted):
    folder = planted({"traffic.py": "skimmed = 'skim'  # skim\n"})
    assert rules.banned_names(folder, [BAN]) == []


def test_a_ban_can_be_of_definitions_or_of_a_folder_only(planted):
    folder = planted({"a/one.py": "total = one.left\n", "b/two.py": "left = 1\n"})
    assert rules.banned_names(folder, [rules.Ban("left", "remaining", "definitions")]) == [
        "planted/b/two.py:1: 'left' is now 'remaining'"
    ]
    assert rules.banned_names(folder, [rules.Ban("left", "remaining", "planted/a")]) == [
        "planted/a/one.py:1: 'left' is now 'remaining'"
    ]


def test_a_class_defined_twice_is_found(planted):
    folder = planted({"a.py": "class Page: ...\nclass _Own: ...\n", "b.py": "class _Own: ...\n"})
    assert rules.classes_defined_twice(folder) == []
    (folder / "c.py").write_text("\nclass Page: ...\n")
    rules.modules.cache_clear()
    assert rules.classes_defined_twice(folder) == [
        "planted/c.py:2: class Page is in planted/a.py:1 too"
    ]


def test_a_shared_file_name_is_found_unless_it_has_a_reason(planted):
    folder = planted({"a/rules.py": "", "b/rules.py": "", "b/laws.py": "", "cli/rules.py": ""})
    assert rules.shared_file_names(folder, {"cli"}, {}) == [
        "planted/b/rules.py:1: planted/a/rules.py has the same name; is it the same idea?"
    ]
    reasons = {"rules": "the same idea", "laws": "stale"}
    assert rules.shared_file_names(folder, {"cli"}, reasons) == [
        "'laws' has a reason and is one file's only"
    ]


def test_a_long_function_is_found_unless_it_has_a_reason(planted):
    body = "    step()\n" * rules.LINES
    folder = planted({"a.py": f"\n\ndef serve():\n{body}\n\nasync def short():\n{body[:-11]}"})
    assert rules.long_functions(folder, {}) == ["planted/a.py:3: serve has 71 lines, of 70 at most"]
    reasons = {"planted/a.py:serve": "a measured loop", "planted/a.py:gone": "stale"}
    assert rules.long_functions(folder, reasons) == [
        "planted/a.py:gone has a reason and is not long"
    ]


def test_a_circle_of_imports_is_found(planted):
    folder = planted(
        {
            "__init__.py": "",
            "world.py": """
                from typing import TYPE_CHECKING
                if TYPE_CHECKING:
                    from planted.laws import Law
            """,
            "laws.py": "from planted.cluster import Node\n",
            "cluster.py": "from planted.world import World\n",
            "step.py": "from planted.world import World\n",
        }
    )
    (complaint,) = rules.import_circles(folder)
    assert complaint == (
        "planted/cluster.py:1: a circle of imports: planted.cluster, planted.laws, planted.world"
    )
