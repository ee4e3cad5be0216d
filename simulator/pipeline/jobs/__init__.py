"""Batch jobs: schedules, runs, pools and sensors, in Airflow's words."""
