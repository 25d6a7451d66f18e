"""The command line as a whole: help, mistakes, and how every command ends."""

import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest

from seedbed.cli import main as module
from seedbed.cli.main import COMMANDS, main
from seedbed.core.errors import DataError
from seedbed.core.suggestions import unknown


def command(monkeypatch: pytest.MonkeyPatch, outcome: BaseException | int) -> None:
    """Put a command ``act`` in place that ends like this."""
    act = ModuleType("seedbed.cli.commands.act", "Act.\n\nMore.")

    def run(arguments: object) -> int:
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    act.main, act.configure = run, lambda parser: None  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, act.__name__, act)
    monkeypatch.setitem(module.COMMANDS, "act", "act")


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    without = capsys.readouterr().out
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == without
    for name, text in COMMANDS.items():
        assert name in without
        assert text.split()[0] in without


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    assert f"seedbed {name}" in capsys.readouterr().out


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("seedbed 0.")


@pytest.mark.parametrize(
    ("words", "program", "name"),
    [
        (["tabel"], "seedbed", unknown("command", "tabel", COMMANDS)),
        (["x\x1b[2J"], "seedbed", r"'x\x1b[2J'"),
        (["--versoin"], "seedbed", ""),
        (["table"], "seedbed table", "DIR"),
        (["table", "x", "--format", "xml"], "seedbed table", "'xml'"),
        (["run", "x", "--seeds", "many"], "seedbed run", "--seeds"),
    ],
)
def test_a_mistake_is_one_line(
    words: list[str], program: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    output = capsys.readouterr()
    assert output.err.startswith(f"{program}: error: ")
    assert output.err.endswith(f"(see {program} --help)\n")
    assert name in output.err
    assert output.err.count("\n") == 1
    assert "\x1b" not in output.err
    assert output.out == ""


MEANT = {
    "train mnist": "run",
    "eval x": "evaluate",
    "tabel": "table",
    "Report x": "report",
    "plot x": "figures",
    "fetch mnist": "seedbed data download",
    "quickstart": "seedbed run quickstart",
    "mine.toml": "seedbed run mine.toml",
    "check photos": "seedbed data check",
    "init photos": "new",
    "help": "seedbed --help",
    "version": "seedbed --version",
    "--versoin": "--version",
    "data fetch mnist": "download",
    "data ls": "list",
    "run mnist --epochs 5": "--set recipe.epochs=5",
    "run mnist --epochs=5": "--set recipe.epochs=5",
    "run --lr 0.1 mnist": "--set recipe.learning_rate=0.1",
    "plan mnist --batch-size 8 --quiet": "--set recipe.batch_size=8",
    "run mnist --dataset cifar10": "--set dataset=cifar10",
    "run mnist --gpu --seeds 3": "--set device=VALUE",
    "run mnist --seed 3": "--seeds",
    "run mnist --output x": "--out",
    "run mnist --jobs 2": "--threads",
    "table x --what confusion": "seedbed table DIR TABLE",
    "figures x --chart roc": "seedbed figures DIR CHART",
    "table x --format tex": "latex",
    "table x --format md": "markdown",
    "table x --format JSON": "json",
    "figures x --format jpg": "png",
    "export x y --to pytorch": "torch",
    "evaluate x --kind probs": "probabilities",
}


@pytest.mark.parametrize(("line", "meant"), MEANT.items())
def test_what_was_meant_is_suggested(
    line: str, meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(line.split())
    assert ended.value.code == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.count("\n") == 1
    assert f"(did you mean {meant!r}?); expected one of " in output.err


@pytest.mark.parametrize("line", ["run mnist cifar10", "data list mnist", "table x accuracy roc"])
def test_one_argument_too_many(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(line.split())
    assert ended.value.code == 2
    assert repr(line.split()[-1]) in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "option"),
    [("run x --seeds 3.5", "--seeds"), ("audit x --fdr 0,1", "--fdr")],
)
def test_a_number_in_another_form(
    line: str, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(line.split())
    assert ended.value.code == 2
    message = capsys.readouterr().err
    assert f"argument {option}: {line.split()[-1]!r} cannot be used; expected a " in message


@pytest.mark.parametrize("option", ["--quie", "--se", "--data", "--o"])
def test_options_are_not_abbreviated(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["run", "quickstart", option, "3"])
    assert ended.value.code == 2
    assert repr(option) in capsys.readouterr().err


def test_python_m_seedbed_is_the_command_line() -> None:
    for words, status, output in (
        (["--version"], 0, "seedbed 0."),
        (["run", "--version"], 0, "seedbed 0."),
        (["tabel"], 2, "seedbed: error: "),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "seedbed", *words], capture_output=True, text=True, check=False
        )
        assert done.returncode == status
        assert (done.stdout + done.stderr).startswith(output)


def test_an_error_that_the_user_can_fix_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command(monkeypatch, DataError("is bad\x1b[2J", where="photos", hint="fix it"))
    assert main(["act"]) == 2
    assert capsys.readouterr().err == "seedbed: error: photos: is bad\\x1b[2J (fix it)\n"


def test_ctrl_c_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command(monkeypatch, KeyboardInterrupt())
    assert main(["act"]) == 130
    assert capsys.readouterr().err == "seedbed: stopped\n"


def test_the_status_is_the_command_s(monkeypatch: pytest.MonkeyPatch) -> None:
    command(monkeypatch, 7)
    assert main(["act"]) == 7


def test_a_reader_that_goes_away_is_no_error() -> None:
    script = (
        "import sys; from seedbed.cli.main import main; sys.argv[1:] = ['--help']; sys.exit(main())"
    )
    with subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(0.3)\n" + script],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""


def test_help_is_quick() -> None:
    """The promise is 0.3 s; four times that leaves room for a busy machine."""
    quickest = 10.0
    for _ in range(3):
        begun = time.perf_counter()
        subprocess.run(
            [Path(sys.executable).with_name("seedbed"), "--help"], check=True, capture_output=True
        )
        quickest = min(quickest, time.perf_counter() - begun)
    assert quickest < 1.2
