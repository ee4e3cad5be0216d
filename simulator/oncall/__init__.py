"""People: who is on call, how a page reaches them, and how long they take.

`organisation` is an on-call file bound: `schedules` with their `shifts`, `policies`, the turns of
members (`rotation`). The `pager` brings a page to `people`; `work` is what simulated ones do then,
each through a `specialist` door: they `search` by their `briefing`, and go on `handing_on` what is
another team's. The teams that players answer for acknowledge by orders; all others are simulated,
and work only when they are paged.
"""
