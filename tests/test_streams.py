"""Named random streams."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.streams import BLOCK_MS, Streams, block_of, uniforms

names = st.text(max_size=8)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32), names, st.integers(-500, 500))
def test_a_block_depends_on_nothing_drawn_before(seed: int, name: str, block: int) -> None:
    streams = Streams(seed)
    first = streams.block(name, block).random(3)
    streams.block(name, block + 1).random(100)
    assert (Streams(seed).block(name, block).random(3) == first).all()


def test_blocks_names_and_seeds_have_different_streams() -> None:
    drawn = {
        Streams(seed).block(name, block).random()
        for seed in (0, 1)
        for name in ("a", "b")
        for block in range(-3, 4)
    }
    assert len(drawn) == 2 * 2 * 7


def test_keys_of_another_type_or_length_have_different_streams() -> None:
    streams = Streams(1)
    keys: list[tuple[int | str, ...]] = [(), (1,), ("1",), (-1,), (1, 0), ("a", 1), (1, "a")]
    assert len({streams.keyed("job", *key).random() for key in keys}) == len(keys)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 2**53 - 1), min_size=2, unique=True), names)
def test_the_draw_of_a_request_does_not_depend_on_others(ids: list[int], name: str) -> None:
    whole, exact = np.array(ids, np.uint64), np.array(ids, np.float64)
    drawn = uniforms(whole, name, 3)
    assert (drawn == uniforms(exact, name, 3)).all()
    assert (drawn[1:] == uniforms(exact[1:], name, 3)).all()
    assert ((drawn >= 0) & (drawn < 1)).all()


def test_draws_of_neighbours_names_and_seeds_are_uniform_and_uncorrelated() -> None:
    ids = np.arange(100_000.0)
    columns = [uniforms(ids, name, seed) for name in ("lag", "lah") for seed in (0, 1, 2)]
    columns.append(np.roll(columns[0], 1))
    # 1 / sqrt(12 n) and 1 / sqrt(n) are the standard errors; 5 of them.
    assert np.abs(np.mean(columns, axis=1) - 0.5).max() < 5 / np.sqrt(12e5)
    related = np.corrcoef(columns) - np.eye(len(columns))
    assert np.abs(related).max() < 5 / np.sqrt(1e5)


def test_blocks_are_ten_minutes_also_in_history() -> None:
    assert [block_of(t) for t in (-BLOCK_MS, -1, 0, BLOCK_MS)] == [-1, -1, 0, 1]


def test_a_negative_seed_is_rejected() -> None:
    with pytest.raises(ValueError, match="seed must not be negative, got -1"):
        Streams(-1)
