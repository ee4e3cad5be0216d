"""What a player hands in is copied into plain data, or refused in one line."""

import enum
from collections import OrderedDict, UserDict
from types import MappingProxyType

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.session.plain_data import MAX_BYTES, NotPlain, copy_plain, cut, plain_text

plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


class Loud(str):
    def __str__(self):
        return "LOUD"


class Shifting(dict):
    """Another content for whoever asks by its methods."""

    def items(self):
        return iter([("severity", "SEV9")])


class Severity(enum.StrEnum):
    HIGH = "SEV1"


class Count(int):
    def __int__(self):
        return 99


class Endless(UserDict):
    def items(self):
        while True:
            yield "key", 1


def nested(depth):
    value = "end"
    for _ in range(depth):
        value = [value]
    return value


def cycle():
    args = {"to": []}
    args["to"].append(args)
    return args


@settings(max_examples=30)
@given(plain)
def test_plain_data_stays_as_it_is(value):
    copied = copy_plain(value).value
    assert copied == value
    assert msgspec.json.decode(msgspec.json.encode(copied)) == value or "\ud83d" in repr(value)


@pytest.mark.parametrize(
    ("value", "copied"),
    [
        (Loud("soft"), "soft"),
        (Severity.HIGH, "SEV1"),
        (Count(4), 4),
        (Shifting(severity="SEV2"), {"severity": "SEV2"}),
        (OrderedDict(a=1), {"a": 1}),
        (MappingProxyType({"a": 1}), {"a": 1}),
        (("a", ["b"]), ["a", ["b"]]),
        (np.int64(3), 3),
        (np.float32(0.5), 0.5),
        (np.bool_(True), True),
    ],
)
def test_other_types_become_the_plain_type(value, copied):
    result = copy_plain(value).value
    assert result == copied
    assert type(result) is type(copied)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (float("nan"), "given nan, expected a finite number"),
        ({"share": [float("inf")]}, "share.0: given inf, expected a finite number"),
        (np.float64("nan"), "given nan, expected a finite number"),
        (2**63, "given a huge number, expected one of 64 bits"),
        ({1, 2}, "given set, expected plain data"),
        (b"ab", "given bytes, expected plain data"),
        (np.zeros(3), "given ndarray, expected plain data"),
        ({"team": object()}, "team: given object, expected plain data"),
        ({1: 2}, "given the key 1, expected texts as keys"),
        (cycle(), "to.0: contains itself"),
        (nested(17), "0.0.0.…: is deeper than 16"),
        ({"text": "x" * (MAX_BYTES + 1)}, "text: given a text of 65,537 characters, longer than"),
        ({"text": "\u20ac" * 30_000}, "text: given a text of 30,000 characters, longer than 64 KB"),
        ({"to": ["x" * 1000] * 70}, "to: is larger than 64 KB in all"),
        ({"to": [[]] * 10_000}, "to: is larger than 64 KB in all"),
        (Endless(), "is larger than 64 KB in all"),
        ({"x" * 70_000: 1}, "given a text of 70,000 characters, longer than 64 KB"),
    ],
)  # fmt: skip
def test_what_the_log_cannot_keep_is_refused_in_one_short_line(value, message):
    with pytest.raises(NotPlain) as error:
        copy_plain(value)
    assert str(error.value).startswith(message)
    assert len(str(error.value)) < 200


def test_as_deep_and_as_large_as_allowed():
    assert copy_plain(nested(16)).value == nested(16)
    assert copy_plain("x" * MAX_BYTES).size == MAX_BYTES


def test_a_value_may_stand_in_two_places():
    shared = ["product"]
    copied = copy_plain({"a": shared, "b": shared}).value
    assert copied["a"] is not copied["b"]


@pytest.mark.parametrize("text", [5, ["up"], None, b"up"])
def test_a_query_is_a_text(text):
    with pytest.raises(ValueError, match="expected a text"):
        plain_text(text)


def test_a_query_is_a_plain_text_of_at_most_64_kb():
    assert type(plain_text(Loud("up"))) is str
    with pytest.raises(ValueError, match="longer than 64 KB"):
        plain_text("x" * (MAX_BYTES + 1))


def test_the_log_keeps_the_start_of_a_long_text():
    assert cut("x" * 10**6) == "x" * 4095 + "…"
