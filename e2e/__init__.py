"""End-to-end tests: Meltano, Airflow and README, with everything installed for real."""
