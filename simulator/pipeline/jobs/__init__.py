"""Jobs: schedules, runs, pools and sensors, in Airflow's words."""
