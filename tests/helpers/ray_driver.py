"""Train a study on a Ray cluster: ``ray_driver.py FILE DIR ADDRESS``; a test kills the process."""

import sys
from functools import partial
from pathlib import Path

from seedbed.execution.driver import execute
from seedbed.execution.progress import QuietMonitor
from seedbed.execution.ray.executor import RayExecutor
from seedbed.study.loaded import LoadedStudy
from seedbed.study.spec.reader import load_study
from seedbed.study.store.study import StudyStore
from slow_engine import SlowEngine

if __name__ == "__main__":
    file, folder, address = sys.argv[1:]
    study, monitor = LoadedStudy.load(load_study(file)), QuietMonitor()
    executor = RayExecutor(
        SlowEngine(),
        partial(SlowEngine, delay=0.05),
        study.datasets,
        address=address,
        notice=monitor.notice,
    )
    execute(study, StudyStore(Path(folder)), executor, monitor)
