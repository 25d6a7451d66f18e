"""Modules of the user's own in study files: found, told apart, trained, resumed, read back."""

import shutil
import sys
from pathlib import Path

import pytest

from seedbed.analysis.summary.study import refresh_summary
from seedbed.cli.main import main
from seedbed.core.errors import SeedbedError
from seedbed.engines.torch.engine import TorchEngine
from seedbed.networks.user_module_source import _load, source_fingerprint
from seedbed.study.loaded import LoadedStudy
from seedbed.study.spec.reader import load_study
from seedbed.study.spec.study import StudySpec
from small import Remembering, StopAfterEvery, contents, run_small, write_images

MODULE = """
from torch import nn

# A comment.
def make(num_classes, width=4, dropout=0.2):
    return nn.Sequential(
        nn.Conv2d(1, width, 3), nn.BatchNorm2d(width), nn.ReLU(), nn.Flatten(),
        nn.Dropout(dropout), nn.Linear(36 * width, num_classes),
    )


not_a_function = 7
"""


@pytest.fixture(autouse=True)
def _every_test_imports_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "nets", raising=False)


def study(folder: Path, network: str, module: str = "nets", text: str = MODULE) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    images = write_images(folder / "data")
    (folder / f"{module}.py").write_text(text, encoding="utf-8")
    file = folder / "mine.toml"
    file.write_text(
        f'name = "mine"\ndataset = {{ path = "{images}" }}\nseeds = 2\nnetwork = {network}\n'
        "[recipe]\nepochs = 3\nbatch_size = 16\n",
        encoding="utf-8",
    )
    return file


def ids(file: Path) -> list[str]:
    return [each.id for each in LoadedStudy.load(load_study(str(file))).spec.configurations]


def test_a_module_is_called_by_its_function_and_its_arguments(tmp_path: Path) -> None:
    file = study(tmp_path, '[{ module = "nets:make", width = [2, 3] }, "lenet5"]')
    spec = load_study(str(file))
    labels = [each.label for each in spec.configurations]
    assert labels == ["network=make, width=2", "network=make, width=3", "network=lenet5"]
    again = StudySpec.to_toml(spec)
    (tmp_path / "elsewhere").mkdir()
    moved = tmp_path / "elsewhere" / "again.toml"
    moved.write_text(again, encoding="utf-8")
    assert ids(moved) == ids(file)
    assert len(set(ids(file))) == 3


def test_the_id_hangs_on_the_code_and_the_arguments_alone(tmp_path: Path) -> None:
    network = '{ module = "nets:make", width = 3 }'
    (plain,) = ids(study(tmp_path / "a", network))
    assert plain.startswith("make-")
    variants = {
        "comment": (network, MODULE.replace("# A comment.", "\n  # Another.\n")),
        "code": (network, MODULE.replace("ReLU", "GELU")),
        "argument": (network.replace("3", "4"), MODULE),
        "default written out": (network.replace("3", "3, dropout = 0.2"), MODULE),
        "neutral elsewhere": (network.replace("3", "3, dropout = 0.0"), MODULE),
        "name": (network.replace("3", '3, name = "wide"'), MODULE),
    }
    found = {
        name: ids(study(tmp_path / name.replace(" ", ""), given, text=text))[0]
        for name, (given, text) in variants.items()
    }
    assert found.pop("comment") == plain
    assert found.pop("name") == plain.replace("make", "wide")
    assert len({plain, *found.values()}) == 5


def test_fingerprints_never_change(tmp_path: Path) -> None:
    """Ids hang on them, and with them the results that people have."""
    file = tmp_path / "nets.py"
    file.write_bytes(b"# first\r\nx = 1  \r\n\r\n    # inside\ny = 2\n")
    expected = "9af816430225a200bd1da83ad7cfc1e13bdff475"
    assert source_fingerprint(file)[:40] == expected


@pytest.mark.parametrize("epochs", [1, 4])
def test_a_study_that_was_stopped_goes_on_with_the_same_bits(epochs: int, tmp_path: Path) -> None:
    spec = load_study(str(study(tmp_path, '{ module = "nets:make" }')))
    whole = contents(run_small(spec, tmp_path / "whole", TorchEngine()))
    with pytest.raises(KeyboardInterrupt):
        run_small(spec, tmp_path / "stopped", TorchEngine(), StopAfterEvery(epochs))
    again = run_small(spec, tmp_path / "stopped", TorchEngine(), Remembering())
    assert contents(again) == whole


def test_results_are_read_without_the_module(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, out = study(tmp_path / "mine", '{ module = "nets:make" }'), tmp_path / "out"
    assert main(["run", str(file), "--out", str(out), "--quiet"]) == 0
    shown = capsys.readouterr().out
    shutil.rmtree(tmp_path / "mine")
    assert main(["table", str(out)]) == 0
    assert shown.startswith(capsys.readouterr().out)
    (out / "summary.json").unlink()
    (entry,) = refresh_summary(out)
    assert entry["cost"]["parameters"] == 4 * 9 + 4 + 8 + 36 * 4 * 3 + 3
    assert entry["cost"]["multiply_adds"] == 36 * 4 * 9 + 36 * 4 * 3


def test_whoever_reads_results_runs_no_code_that_they_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = '[{ module = "nets:make", width = 2 }, { module = "nets:make", width = 3 }, "lenet5"]'
    store = run_small(load_study(str(study(tmp_path, network))), tmp_path / "out", TorchEngine())

    def imported(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr("seedbed.study.spec.configuration.load_user_module", imported)
    for words in (["table"], ["table", "cost"], ["report"]):
        assert main([words[0], str(store.folder), *words[1:]]) == 0


def test_a_module_that_has_changed_is_another_configuration(tmp_path: Path) -> None:
    file, out = study(tmp_path, '{ module = "nets:make" }'), tmp_path / "out"
    run_small(load_study(str(file)), out, TorchEngine())
    (tmp_path / "nets.py").write_text(MODULE.replace("ReLU", "GELU"), encoding="utf-8")
    monitor = Remembering()
    store = run_small(load_study(str(file)), out, TorchEngine(), monitor)
    assert len(store.run_ids()) == 4
    assert any("network.fingerprint = " in notice for notice in monitor.notices)
    logits = [store.run(run_id).predictions()[0].tobytes() for run_id in store.run_ids()]
    assert len(set(logits)) == 4  # what was trained is what is there now

    (tmp_path / "nets.py").write_text(MODULE, encoding="utf-8")
    _load.cache_clear()  # as in another process
    with pytest.raises(SeedbedError, match=r"nets\.py: has changed since .*restore it"):
        run_small(store.read_study(), out, TorchEngine())


@pytest.mark.parametrize(
    ("network", "message"),
    [
        ('{ module = "nowhere:make" }', "network.module: there is no module 'nowhere'; expected a"),
        ('{ module = "nets" }', "line 4, network.module: 'nets' cannot be used; expected \"pack"),
        ('{ module = "nets:make", name = "a b" }', "line 4, network.name: 'a b' cannot be used"),
        ('{ module = "nets:make", width = [[1, 2]] }', "network.width: [1, 2] cannot be used"),
        ('{ module = "nets:maker" }', "nets.py has no function 'maker'"),
        ('{ module = "nets:not_a_function" }', "nets.py has no function 'not_a_function'"),
        (
            '{ module = "broken:make" }',
            "make: broken cannot be imported: ImportError: no",
        ),
        ('{ module = "json:loads" }', "loads: another module is called json: "),
        ('{ module = "nets:make", wdith = 3 }', "make: its function failed: TypeError: "),
        (
            '{ module = "nets:make", num_classes = 5 }',
            "make: the module returns 5 logits per image, but",
        ),
        ('{ module = "nets:make", width = 0 }', "make: "),
        ("{ width = 3 }", "network.name: is missing; expected one of lenet5"),
    ],
)
def test_what_is_wrong_is_one_line(
    network: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "broken.py").write_text("raise ImportError('no such luck')", encoding="utf-8")
    (tmp_path / "json.py").write_text("def loads(): pass", encoding="utf-8")
    assert main(["run", str(study(tmp_path, network)), "--out", str(tmp_path / "out")]) == 2
    output = capsys.readouterr()
    assert output.err.startswith("seedbed: error: ")
    assert message in output.err
    assert output.err.count("\n") == 1
    assert not (tmp_path / "out").exists()
