"""The place of an error in a query: no token before it is wrong."""

from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.promql import PromQLError, parse
from simulator.promql.error_position import locate, mark

QUERY = 'sum by (code) (rate(requests_total{code=~"5..", job!="a"}[5m] offset 1h)) / on (x) y > 2'
PIECES = ["up", "sum", "by", "(", ")", "[", "]", "{", "}", "5m", "1", "==", "=~", "'a'", "#", "é"]


def problem_of(text):
    try:
        parse(text)
    except PromQLError as problem:
        return problem
    return None


@settings(max_examples=40)
@given(st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join) | st.text(max_size=30))
def test_every_error_has_a_place_inside_the_query(text):
    problem = problem_of(text)
    if problem is not None:
        message, offset = locate(text, problem)
        assert message
        assert offset is None or 0 <= offset <= len(text)
        assert message in mark(text, problem)


@given(st.integers(0, len(QUERY)))
def test_a_foreign_token_is_found_where_it_was_inserted(cut):
    # Inside a string, a number or a word it would be part of that.
    if QUERY[cut - 1 : cut].strip() == "" or QUERY[cut:][:1].strip() == "":
        text = f"{QUERY[:cut]} ; {QUERY[cut:]}"
        assert locate(text, problem_of(text)).offset == cut + 1


def test_a_query_that_was_cut_is_wrong_at_its_end_or_at_an_open_bracket():
    for cut in range(1, len(QUERY)):
        text = QUERY[:cut]
        problem = problem_of(text)
        in_a_word = text[-1].isalnum() and QUERY[cut].isalnum()
        if problem is not None and not in_a_word:
            offset = locate(text, problem).offset
            assert offset is not None
            assert offset == len(text.rstrip()) or text[offset] in "!([{\"'"
