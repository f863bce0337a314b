"""The shell: projects, contracts, commands, Prefect; the only place that knows both halves."""
