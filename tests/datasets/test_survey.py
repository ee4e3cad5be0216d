"""A survey of a data set."""

from simulator.datasets.survey import survey
from tests.datasets.conftest import data, make_rows


def test_drift_within_the_data_is_surveyed(convert):
    rows = make_rows()
    late = rows["asked"] >= "2026-01-29"
    rows.loc[late, "x2"] += 1.5
    rows.loc[late, "bought"] = "yes"
    rows.loc[rows.index[-5:], "bought"] = "no"
    dataset = convert(rows)
    facts = survey(dataset, data())
    shift = {row[0]: row[-1] for row in facts.columns}
    assert (shift["x2"], shift["x1"], shift["segment"]) == ("moved", "", "")
    assert any("prior shift" in note for note in facts.notes)


def test_few_rows_show_no_drift(convert):
    facts = survey(convert(make_rows(300)), data())
    assert {row[-1] for row in facts.columns} <= {"", "too few rows to judge"}
