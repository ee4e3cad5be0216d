"""What is measured of a run, one file each: `ls` is the list, `drill catalogue measures` prints it.

A measure is a function of the run, its incidents' marks and its twins; it simulates nothing.
It has a value or says why it has none::

    @part
    class Pages(Measured):
        '''How often the played team was paged: each page takes somebody from other work.'''

        unit: ClassVar[str] = "pages"

        def measure(self, run, incidents, twins):
            return Measure(float(len(pages(run))), self.unit)

`scores.json`, the scorecard and the reports have it from then on.
"""
