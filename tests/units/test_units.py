"""Quantities: valid and invalid texts; formatting and parsing are inverse."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from simulator.units import (
    Count,
    Duration,
    Flow,
    NodeNumber,
    Number,
    Rate,
    Ratio,
    Size,
    UnitError,
    format_bytes,
    format_flow,
    format_ms,
    format_rate,
    format_value,
    parse_bytes,
    parse_flow,
    parse_ms,
    parse_rate,
    parse_ratio,
)

TIMES = "(units w, d, h, m, s, ms; for example '1h30m')"


@given(st.integers(0, 3660 * 86_400_000))
def test_a_duration_reads_back(ms):
    assert parse_ms(format_ms(ms)) == ms


@given(st.integers(0, 1024**5))
def test_a_size_reads_back(count):
    assert parse_bytes(format_bytes(count)) == count


@given(st.integers(1, 99_999), st.sampled_from(["/s", "/min", "/h", "/d"]))
def test_a_rate_reads_back(count, per):
    rate = parse_rate(f"{count}{per}")
    assert parse_rate(format_rate(rate)) == rate


@given(st.integers(1, 99_999), st.sampled_from(["B/s", "KiB/s", "MiB/min", "GB/h"]))
def test_a_flow_reads_back(count, per):
    flow = parse_flow(f"{count}{per}")
    assert parse_flow(format_flow(flow)) == flow


@given(st.text(max_size=30) | st.floats() | st.integers() | st.none() | st.booleans())
def test_any_value_is_parsed_or_a_unit_error(text):
    for parse in (parse_ms, parse_bytes, parse_rate, parse_flow, parse_ratio):
        try:
            value = parse(text)
        except UnitError as error:
            assert len(str(error)) < 300
        else:
            assert math.isfinite(value)
            assert value >= 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("20", f"'20' is not a duration: it has no unit; did you mean '20s' or '20m'? {TIMES}"),
        (20, f"20 is not a duration: it has no unit; did you mean '20s' or '20m'? {TIMES}"),
        (400, f"400 is not a duration: it has no unit; did you mean '400ms' or '400s'? {TIMES}"),
        ("20min", f"'20min' is not a duration; did you mean '20m'? {TIMES}"),
        ("20 minutes", f"'20 minutes' is not a duration; did you mean '20m'? {TIMES}"),
        ("1h30", f"'1h30' is not a duration; did you mean '1h30m'? {TIMES}"),
        ("30m1h", f"'30m1h' is not a duration {TIMES}"),
        ("-5m", f"'-5m' is not a duration: it is negative {TIMES}"),
        ("99999d", f"'99999d' is not a duration: it is absurdly large {TIMES}"),
        ("0.1ms", f"'0.1ms' is not a duration: it is finer than a millisecond {TIMES}"),
        ("nan", f"'nan' is not a duration {TIMES}"),
        (math.nan, f"nan is not a duration: it has no unit {TIMES}"),
        (True, f"true is not a duration {TIMES}"),
        (None, f"nothing is not a duration {TIMES}"),
        ("", f"'' is not a duration {TIMES}"),
    ],
)
def test_an_invalid_duration_is_refused_with_the_closest_valid_text(text, message):
    with pytest.raises(UnitError) as refused:
        parse_ms(text)
    assert str(refused.value) == message


def test_a_size_in_kubernetes_units_is_refused_with_the_valid_unit():
    with pytest.raises(UnitError, match="'600Mi' is not a size; did you mean '600MiB'"):
        parse_bytes("600Mi")


@pytest.mark.parametrize(
    ("parse", "text", "meant"),
    [
        (parse_bytes, "8GBi", "8GiB"),
        (parse_bytes, "8Gib", "8GiB"),
        (parse_bytes, "2 gigabytes", "2GiB"),
        (parse_bytes, "5Mbs", "5MB"),
        (parse_ms, "5mins", "5m"),
        (parse_ms, "5minuets", "5m"),
        (parse_ms, "5hors", "5h"),
        (parse_rate, "50/secs", "50/s"),
        (parse_flow, "2MB/sec", "2MB/s"),
        (parse_flow, "2Mi/s", "2MiB/s"),
    ],
)
def test_an_unknown_unit_is_refused_with_the_closest(parse, text, meant):
    with pytest.raises(UnitError, match=f"'{text}' is not .*; did you mean '{meant}'"):
        parse(text)


@pytest.mark.parametrize(
    ("parse", "text"),
    [(parse_ms, "2months"), (parse_ms, "5x"), (parse_bytes, "8PB"), (parse_flow, "5Mbps")],
)
def test_an_unlike_unit_gets_no_suggestion(parse, text):
    with pytest.raises(UnitError, match=f"'{text}' is not (?!.*did you mean)"):
        parse(text)


def test_a_negative_rate_is_refused():
    with pytest.raises(UnitError, match="'-1/s' is not a rate: it is negative"):
        parse_rate("-1/s")


@pytest.mark.parametrize("text", [1.5, -0.1, math.nan, math.inf, True, "0.6", "160%", 10**400])
def test_a_ratio_outside_0_to_1_is_refused(text):
    with pytest.raises(UnitError, match="is not a ratio from 0 to 1"):
        parse_ratio(text)


@pytest.mark.parametrize(
    ("share_text", "message"),
    [
        ("115%", ": it is above 100 %"),
        (1.15, ": it is above 1"),
        (math.inf, ": it is above 1"),
        ("-5%", ": it is negative"),
        (-0.05, ": it is negative"),
        (60, "; did you mean 0.6?"),
        ("60", "; did you mean '60%'?"),
        ("60 %", "; did you mean '60%'?"),
        ("60 percent", "; did you mean '60%'?"),
        ("0.6", "; did you mean 0.6?"),
        ("much", ""),
        (math.nan, ""),
    ],
)
def test_an_invalid_ratio_is_refused_with_a_reason(share_text, message):
    with pytest.raises(UnitError) as refused:
        parse_ratio(share_text)
    text = (
        f"{format_value(share_text)} is not a ratio from 0 to 1{message} (for example 0.6 or '60%')"
    )
    assert str(refused.value) == text


class Machine(BaseModel):
    node: NodeNumber


@pytest.mark.parametrize("text", [17, "node-17", "17"])
def test_a_node_is_given_by_number_or_name(text):
    assert Machine(node=text).model_dump(mode="json") == {"node": 17}


@pytest.mark.parametrize("text", ["node17", "node-", "node-x", -1, 1.0, True, "node-1 "])
def test_an_invalid_node_is_refused(text):
    with pytest.raises(ValidationError):
        Machine(node=text)


def test_the_error_of_an_invalid_node_shows_the_valid_forms():
    with pytest.raises(ValidationError, match=r"'nod-1' is not a node .*: 17 or 'node-17'"):
        Machine(node="nod-1")


class Everything(BaseModel):
    duration: Duration
    size: Size
    rate: Rate
    flow: Flow
    ratio: Ratio
    count: Count
    number: Number
    perhaps: Duration | None = None


def test_fields_hold_numbers_and_are_texts_in_json():
    example = Everything(
        duration="1h30m", size="2GiB", rate="200/min", flow="1MiB/s", ratio="60%", count=3, number=2
    )
    assert example.duration == 5_400_000
    assert example.size == 2 * 1024**3
    assert example.model_dump(mode="json") == {
        "duration": "90m",
        "size": "2GiB",
        "rate": "200/min",
        "flow": "1MiB/s",
        "ratio": 0.6,
        "count": 3,
        "number": 2.0,
        "perhaps": None,
    }
    assert Everything.model_validate_json(example.model_dump_json()) == example


@pytest.mark.parametrize("count", [True, "3", 3.0, -1])
def test_a_count_is_a_whole_number(count):
    with pytest.raises(ValidationError):
        Everything(
            duration="1s", size="1B", rate="1/s", flow="1B/s", ratio=1, count=count, number=1
        )
