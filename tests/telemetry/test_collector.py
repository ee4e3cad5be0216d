"""Scraping: exposed series, series that end, targets that cannot be scraped."""

import numpy as np
import pytest

from simulator.monitors import MonitorRunner
from simulator.pipeline.monitoring import FailureLaw, MonitoringLaws
from simulator.telemetry.collector import Collector
from simulator.telemetry.exporter import Exporter
from simulator.telemetry.store import MISSING, SeriesStore, is_missing, is_stale, labels_of

WORKING = MonitoringLaws()
LOST = MonitoringLaws(scrapes={"shop": [FailureLaw("lost")]})


class Shop(Exporter):
    """Two series, of which the second comes and goes; and the deployed version."""

    job = "shop"

    def __init__(self):
        self.second, self.version = 2.0, "7"

    def series(self):
        return [labels_of(__name__="first"), labels_of(__name__="second")]

    def read(self, scrape):
        return np.array([1.0, self.second])

    def dynamic_series(self, scrape):
        yield labels_of(__name__="info", version=self.version), 1.0


@pytest.fixture
def shop():
    return Shop()


@pytest.fixture
def collector(shop):
    return Collector([shop], SeriesStore(), seed=1)


def scrape(collector, t, laws=WORKING):
    return collector.scrape(t, None, None, MonitorRunner([], []), laws)


def scraped(collector):
    """The cells by series: a number, `stale`, or `-` for no sample."""
    table = collector.table
    rows = {}
    for column, series in enumerate(table.series):
        labels = dict(series)
        name = labels["__name__"] + labels.get("version", "")
        values = table.values[:, column]
        rows[name] = [
            "-" if missing else "stale" if stale else value
            for value, missing, stale in zip(
                values.tolist(), is_missing(values), is_stale(values), strict=True
            )
        ]
    return rows


def test_a_series_that_ends_gets_one_stale_marker(collector, shop):
    for t, second in enumerate([2.0, MISSING, MISSING, 3.0]):
        shop.second = second
        scrape(collector, t * 15_000)
    assert scraped(collector)["second"] == [2.0, "stale", "-", 3.0]
    assert scraped(collector)["scrape_samples_scraped"] == [3.0, 2.0, 2.0, 3.0]


def test_a_lost_target_is_up_0_and_everything_else_stale(collector):
    for t, laws in enumerate([MonitoringLaws(), LOST, LOST, MonitoringLaws()]):
        failures = scrape(collector, t * 15_000, laws)
        assert failures == ({"lost": 1} if laws is LOST else {})
    rows = scraped(collector)
    assert rows["up"] == [1.0, 0.0, 0.0, 1.0]
    assert rows["first"] == rows["info7"] == [1.0, "stale", "-", 1.0]
    assert rows["scrape_samples_scraped"] == [3.0, 0.0, 0.0, 3.0]
    assert rows["scrape_duration_seconds"][1:3] == [10.0, 10.0]  # the scrape timeout


def test_another_version_is_another_series(collector, shop):
    scrape(collector, 0)
    shop.version = "8"
    scrape(collector, 15_000)
    scrape(collector, 30_000)
    shop.version = "7"
    scrape(collector, 45_000)
    rows = scraped(collector)
    assert rows["info7"] == [1.0, "stale", "-", 1.0]
    assert rows["info8"] == ["-", 1.0, 1.0, "stale"]


def test_a_fork_keeps_the_series_exposed_last(collector, shop):
    scrape(collector, 0)
    fork = collector.fork(collector.store.copy(), seed=1)
    shop.version = "8"
    scrape(fork, 15_000)
    assert scraped(fork)["info7"] == [1.0, "stale"]
    assert scraped(collector)["info7"] == [1.0]


def test_each_scrape_fails_independently_with_the_given_probability(shop):
    flaky = MonitoringLaws(scrapes={"shop": [FailureLaw("flaky", 0.3)]})

    def failures(times):
        collector = Collector([shop], SeriesStore(), seed=1)
        return {t for t in times if scrape(collector, t, flaky)}

    failed = failures(range(0, 15_000_000, 15_000))
    assert 250 < len(failed) < 350
    # Earlier scrapes do not shift the draws of later ones.
    assert failures(range(7_500_000, 15_000_000, 15_000)) == {t for t in failed if t >= 7_500_000}
