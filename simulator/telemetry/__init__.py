"""What can be seen: series by the names of the real systems, and log lines.

`systems/` has one file for each system that a pipeline can play (kserve, airflow, feast,
...); `collector` counts what happens and scrapes it into the `store`; `lines` keeps what
the systems wrote.
"""
