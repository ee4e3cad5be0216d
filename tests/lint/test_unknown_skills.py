"""Skills that name nothing in the pipeline."""

from __future__ import annotations

from simulator.lint import unknown_skills
from simulator.setting import parse
from simulator.setting.bind import bind_names
from tests.small.playing import SMALL


def test_a_skill_is_a_component_a_kind_or_a_field_of_work() -> None:
    skills = '["store", "source", "data", "stroe"]'
    document, scenario = parse(SMALL, [f'oncall.people={{"dee": {{"skills": {skills}}}}}'])
    bound = bind_names(document, scenario)
    warnings = list(unknown_skills.warnings(document, bound))
    assert [warning.text for warning in warnings] == [
        "nothing in this pipeline is called 'stroe'; did you mean 'store'?"
    ]
    assert bound.organisation.visible("ml", "dee")[:2] == ("store", "feed")
