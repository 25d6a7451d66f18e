"""The engine and the device of a study: settings of the file that are not part of any id."""

import json
from pathlib import Path

import pytest

from seedbed.cli.main import main
from seedbed.core.errors import StudyError
from seedbed.engines.registry import engine_problem
from seedbed.engines.torch.engine import TorchEngine
from seedbed.study.loaded import LoadedStudy
from seedbed.study.plan import plan_runs
from seedbed.study.spec.reader import parse_study
from small import Remembering, StopAfterEvery, contents, run_small, small_study


def test_the_engine_is_written_and_read_but_in_no_id(tmp_path: Path) -> None:
    plain = small_study(tmp_path)
    other = small_study(tmp_path, settings=["engine=torch", "device=cuda:1", "deterministic=true"])
    assert (other.engine, other.device, other.deterministic) == ("torch", "cuda:1", True)
    again = parse_study(other.to_toml(), "again.toml")
    assert (again.engine, again.device, again.deterministic) == ("torch", "cuda:1", True)
    assert not {"engine", "device", "deterministic"} & plain.to_dict().keys()
    ids = [[run.id for run in plan_runs(LoadedStudy.load(study).spec)] for study in (plain, other)]
    assert ids[0] == ids[1]


def test_an_engine_with_a_slip_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StudyError) as error:
        small_study(tmp_path, settings=["engine=torhc"])
    assert error.value.where == "--set engine"
    assert error.value.what == engine_problem("torhc")
    assert "'torch'" in error.value.what


def test_results_of_an_engine_that_is_not_installed_can_be_read(tmp_path: Path) -> None:
    text = small_study(tmp_path).to_toml().replace('name = "small"', 'name = "small"\nengine = "x"')
    with pytest.raises(StudyError) as error:
        parse_study(text, "study.toml")
    assert error.value.where == "study.toml, line 4, engine"
    assert parse_study(text, "study.toml", stored=True).engine == "x"


def test_the_record_names_the_engine(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = small_study(tmp_path / "data", seeds="1", epochs=1, settings=["engine=torch"])
    (tmp_path / "small.toml").write_text(spec.to_toml(), encoding="utf-8")
    out = tmp_path / "out"
    assert main(["run", str(tmp_path / "small.toml"), "--out", str(out)]) == 0
    assert "PyTorch" in capsys.readouterr().err
    (file,) = out.glob("runs/*/run.json")
    record = json.loads(file.read_bytes())
    assert record["engine"] == {
        "name": "torch",
        "instructions": None,
        "device": "cpu",
        "deterministic": True,
        "canonical": False,
    }
    assert "torch" in record["versions"]


@pytest.mark.parametrize("epochs", [1, 3])
def test_a_study_that_torch_trains_goes_on_where_it_was_stopped(
    epochs: int, tmp_path: Path
) -> None:
    spec = small_study(tmp_path / "data", epochs=3, settings=["network.dropout=0.2"])
    whole = contents(run_small(spec, tmp_path / "whole", TorchEngine()))
    folder = tmp_path / "stopped"
    with pytest.raises(KeyboardInterrupt):
        run_small(spec, folder, TorchEngine(), StopAfterEvery(epochs))
    assert contents(run_small(spec, folder, TorchEngine(), Remembering())) == whole
