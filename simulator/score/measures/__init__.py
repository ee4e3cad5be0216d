"""The measures of a run, one file each: `ls` lists them, `drill catalogue measures` prints them.

A measure is a function of the run, its incidents' marks and its twins; it simulates nothing.
It has a value, or a reason why it has none::

    @part
    class Pages(Measure):
        '''How often the played team was paged: each page interrupts other work.'''

        unit: ClassVar[str] = "pages"

        def measure(self, run, incidents, twins):
            return Measurement(float(len(pages(run))), self.unit)

It then appears in `scores.json`, the scorecard and the reports.
"""
