"""Scraping: what is there, what has gone, what could not be reached."""

import numpy as np
import pytest

from simulator.monitors import MonitorRunner
from simulator.pipeline.monitoring import Failing, Watching
from simulator.telemetry.collector import Collector, System
from simulator.telemetry.store import MISSING, SeriesStore, is_missing, is_stale, labels_of

WORKING = Watching()
LOST = Watching(scrapes={"shop": [Failing("lost")]})


class Shop(System):
    """Two series, of which the second comes and goes; and the version that is deployed."""

    job = "shop"

    def __init__(self):
        self.second, self.version = 2.0, "7"

    def series(self):
        return [labels_of(__name__="first"), labels_of(__name__="second")]

    def read(self, now):
        return np.array([1.0, self.second])

    def more(self, now):
        yield labels_of(__name__="info", version=self.version), 1.0


@pytest.fixture
def shop():
    return Shop()


@pytest.fixture
def collector(shop):
    return Collector([shop], SeriesStore(), seed=1)


def scrape(collector, t, laws=WORKING):
    return collector.scrape(t, None, None, MonitorRunner([], []), laws)


def seen(collector):
    """The rows by series: a number, `stale`, or `-` for no sample."""
    table = collector.table
    rows = {}
    for column, labels in enumerate(table.series):
        have = dict(labels)
        name = have["__name__"] + have.get("version", "")
        values = table.values[:, column]
        rows[name] = [
            "-" if gone else "stale" if stale else value
            for value, gone, stale in zip(
                values.tolist(), is_missing(values), is_stale(values), strict=True
            )
        ]
    return rows


def test_a_series_that_goes_gets_one_stale_marker(collector, shop):
    for t, second in enumerate([2.0, MISSING, MISSING, 3.0]):
        shop.second = second
        scrape(collector, t * 15_000)
    assert seen(collector)["second"] == [2.0, "stale", "-", 3.0]
    assert seen(collector)["scrape_samples_scraped"] == [3.0, 2.0, 2.0, 3.0]


def test_a_lost_target_is_up_0_and_everything_else_stale(collector):
    for t, laws in enumerate([Watching(), LOST, LOST, Watching()]):
        hits = scrape(collector, t * 15_000, laws)
        assert hits == ({"lost": 1} if laws is LOST else {})
    rows = seen(collector)
    assert rows["up"] == [1.0, 0.0, 0.0, 1.0]
    assert rows["first"] == rows["info7"] == [1.0, "stale", "-", 1.0]
    assert rows["scrape_samples_scraped"] == [3.0, 0.0, 0.0, 3.0]
    assert rows["scrape_duration_seconds"][1:3] == [10.0, 10.0]  # it timed out


def test_another_version_is_another_series(collector, shop):
    scrape(collector, 0)
    shop.version = "8"
    scrape(collector, 15_000)
    scrape(collector, 30_000)
    shop.version = "7"
    scrape(collector, 45_000)
    rows = seen(collector)
    assert rows["info7"] == [1.0, "stale", "-", 1.0]
    assert rows["info8"] == ["-", 1.0, 1.0, "stale"]


def test_a_fork_remembers_what_was_there(collector, shop):
    scrape(collector, 0)
    other = collector.fork(collector.store.copy(), seed=1)
    shop.version = "8"
    scrape(other, 15_000)
    assert seen(other)["info7"] == [1.0, "stale"]
    assert seen(collector)["info7"] == [1.0]


def test_a_share_of_the_scrapes_fails_each_by_its_own_luck(shop):
    flaky = Watching(scrapes={"shop": [Failing("flaky", 0.3)]})

    def failures(times):
        collector = Collector([shop], SeriesStore(), seed=1)
        return {t for t in times if scrape(collector, t, flaky)}

    every = failures(range(0, 15_000_000, 15_000))
    assert 250 < len(every) < 350
    # What was not scraped before does not matter.
    assert failures(range(7_500_000, 15_000_000, 15_000)) == {t for t in every if t >= 7_500_000}
