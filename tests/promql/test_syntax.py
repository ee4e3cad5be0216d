import pytest

from simulator.promql import PromQLError, duration, parse, selectors
from simulator.promql.syntax import at_modifier_time


@pytest.mark.parametrize(
    "text, matcher",
    [
        (r"up{job=~`\d+`}", r'up{job=~"\\d+"}'),
        ('up{job="a\\nb"} # job="c"', r'up{job="a\nb"}'),
        ("up{job='it\\'s'}", 'up{job="it\'s"}'),
        ('up{job="@ -1"}', 'up{job="@ -1"}'),
    ],
)
def test_strings_are_kept(text, matcher):
    assert [str(selector) for selector in selectors(text)] == [matcher]


@pytest.mark.parametrize(
    "text, ms",
    [("up @ -100", -100_000), ("up @ 1.5", 1500), ("up @ 1m40s", 100_000), ("up @ - 7", -7000)],
)
def test_at_takes_any_time(text, ms):
    parsed = parse(text)
    assert at_modifier_time(parsed, parsed.tree.at) == ms


@pytest.mark.parametrize(
    "text, value", [("1_000", 1000), ("0b101", 5), ("0x1F", 31), ("1e3", 1000)]
)
def test_numbers(text, value):
    assert parse(text).tree.val == value


@pytest.mark.parametrize(
    "text, ms", [("5m", 300_000), ("1h30m", 5_400_000), ("1y", 31_536_000_000), ("10ms", 10)]
)
def test_durations(text, ms):
    assert duration(text) == ms


@pytest.mark.parametrize("text", ["", "5", "m", "5m5h", "-5m", "1.5m"])
def test_invalid_durations(text):
    with pytest.raises(PromQLError, match="not a valid duration"):
        duration(text)


def test_depth_is_bounded():
    with pytest.raises(PromQLError, match="more than 100 nested brackets"):
        parse("(" * 5000 + "1" + ")" * 5000)


def test_selectors_of_an_expression():
    matches = selectors('rate(a{x="1"}[5m]) / on() max_over_time((b or c)[1h:1m])')
    assert [selector.name for selector in matches] == ["a", "b", "c"]
