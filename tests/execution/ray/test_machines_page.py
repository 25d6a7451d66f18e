"""The files on docs/machines.md can be read by what reads them."""

import os
import re
import shlex
import subprocess
from argparse import ArgumentParser, Namespace
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

import pytest
import yaml
from ray.autoscaler._private.util import prepare_config, validate_config

from seedbed.cli.commands import run

PAGE = (Path(__file__).parents[3] / "docs" / "machines.md").read_text(encoding="utf-8")
RAY = ".".join(metadata.version("ray").split(".")[:2])


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.M | re.S)


SCRIPTS = [block for block in blocks("bash") if block.startswith("#!/bin/bash\n")]
JOB, MACHINES = (yaml.safe_load(block) for block in blocks("yaml"))


def parsed(command: str, monkeypatch: pytest.MonkeyPatch) -> Namespace:
    """Return the arguments of a command line, from ``seedbed run`` on."""
    for name in ("SLURM_ARRAY_TASK_ID", "SLURM_CPUS_PER_TASK"):
        monkeypatch.setenv(name, "4")
    parser = ArgumentParser(exit_on_error=False)
    run.configure(parser)
    _, _, rest = command.partition("seedbed run ")
    return parser.parse_args(shlex.split(os.path.expandvars(rest.replace("\\\n", " "))))


@pytest.mark.parametrize("script", SCRIPTS, ids=[f"script{i}" for i in range(len(SCRIPTS))])
def test_scripts_have_no_mistake(script: str) -> None:
    subprocess.run(["bash", "-n"], input=script, text=True, check=True)


def test_the_commands_in_them_are_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    array, slurm, by_ssh = SCRIPTS
    shared = parsed(array, monkeypatch)
    assert (shared.share.number, shared.share.count) == (4, 8)
    command = re.search(r'"~/(.*)"', by_ssh)
    assert command is not None
    for text in (slurm, JOB["spec"]["entrypoint"], command[1]):
        arguments = parsed(text, monkeypatch)
        assert (arguments.executor, arguments.address) == ("ray", "auto")
        assert arguments.out is not None


def test_the_slurm_job_gives_ray_what_it_asked_for() -> None:
    slurm = SCRIPTS[1]
    tokens = shlex.split(slurm.replace("\\\n", " "), comments=True)
    options = tokens[tokens.index("symmetric-run") + 1 : tokens.index("--")]
    command: Any = import_module("ray.scripts.symmetric_run").symmetric_run
    known = {name for parameter in command.params for name in parameter.opts}
    known |= {
        name
        for parameter in import_module("ray.scripts.scripts").start.params
        for name in parameter.opts
    }
    assert {option for option in options if option.startswith("--")} <= known
    assert "#SBATCH --ntasks-per-node=1\n" in slurm


def test_the_kubernetes_job_has_what_kuberay_needs() -> None:
    assert (JOB["apiVersion"], JOB["kind"]) == ("ray.io/v1", "RayJob")
    cluster = JOB["spec"]["rayClusterSpec"]
    assert cluster["rayVersion"].startswith(f"{RAY}.")
    head, (workers,) = cluster["headGroupSpec"], cluster["workerGroupSpecs"]
    images = [group["template"]["spec"]["containers"][0]["image"] for group in (head, workers)]
    assert images[0] == images[1]
    assert images[0].endswith(f":{metadata.version('seedbed')}")
    (mount,) = head["template"]["spec"]["containers"][0]["volumeMounts"]
    assert JOB["spec"]["entrypoint"].split("--out ")[1].startswith(mount["mountPath"])
    assert [volume["name"] for volume in head["template"]["spec"]["volumes"]] == [mount["name"]]


def test_ray_up_accepts_the_machines() -> None:
    validate_config(prepare_config(MACHINES))
    (setup,) = MACHINES["setup_commands"]
    assert f"seedbed[ray]=={metadata.version('seedbed')}" in setup
    assert f"ray[default]=={RAY}.*" in setup
