"""The measures of a run, one file each: `ls` lists them, `drill catalogue measures` prints them.

A measure is a function of a run, its twins and the rubric, which a `Grading` holds; it simulates
nothing. It has a value, or a reason why it has none::

    @part
    class Pages(Measure):
        '''How often the played team was paged: each page interrupts other work.'''

        unit: ClassVar[str] = "pages"

        def measure(self, grading):
            pages = grading.timeline.pages_to_played_team
            return Measurement(float(len(pages)), self.unit)

It then appears in `scores.json`, the scorecard and the reports. One of every incident is an
`IncidentMeasure`.
"""
