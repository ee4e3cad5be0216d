"""Telemetry: series under the names of the real systems, and log lines.

`exporters/` has one file for each system that a pipeline can play (kserve, airflow, feast, …);
`collector` scrapes them into the `store`; `log_lines` keeps the lines that the systems log.
"""
