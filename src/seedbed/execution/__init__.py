"""Execution of runs: the driver, executors, progress and time estimates."""
