"""Functions that make networks: found without running anything, and run as they are now."""

import sys
from importlib import import_module, invalidate_caches
from pathlib import Path

import pytest

from seedbed.core.errors import NetworkError
from seedbed.networks.user_module_source import load_user_module, source_file
from sentences import Sentence

SOURCE = "from torch import nn\n\n\ndef make():\n    return nn.Linear(3, {width})\n"


def test_finding_a_file_runs_no_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sentence: Sentence
) -> None:
    package = tmp_path / "eager_package"
    (package / "inner").mkdir(parents=True)
    for file in (package / "__init__.py", package / "inner" / "__init__.py"):
        file.write_text("raise SystemExit('was run')", encoding="utf-8")
    (package / "inner" / "nets.py").write_text(SOURCE, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    nowhere = tmp_path / "elsewhere"
    file = source_file("eager_package.inner.nets:make", nowhere)
    assert file == package / "inner" / "nets.py"
    for missing in ("eager_package.outer:make", "json.decoder.deeper:make", "__main__.deeper:make"):
        with pytest.raises(NetworkError) as error:
            source_file(missing, nowhere)
        assert missing.partition(":")[0] in error.value.what
    sentence(error.value)
    with pytest.raises(NetworkError) as error:
        load_user_module("make", "eager_package:make", nowhere, None, 3, {})
    assert "SystemExit: was run" in error.value.what
    sentence(error.value)


def test_what_was_imported_before_it_was_edited_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "edited_nets.py"
    file.write_text(SOURCE.format(width=4), encoding="utf-8")
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    with monkeypatch.context() as patch:
        patch.syspath_prepend(str(tmp_path))
        invalidate_caches()
        import_module("edited_nets")  # as a notebook does
    file.write_text(SOURCE.format(width=50), encoding="utf-8")
    network = load_user_module("make", "edited_nets:make", tmp_path, None, 3, {})
    assert network.new_module().weight.shape == (50, 3)
    monkeypatch.delitem(sys.modules, "edited_nets")


def test_a_file_instead_of_a_module_is_answered_with_the_module(tmp_path: Path) -> None:
    (tmp_path / "um.py").write_text(SOURCE, encoding="utf-8")
    with pytest.raises(NetworkError) as error:
        source_file("um.py:make", tmp_path)
    assert (error.value.where, error.value.hint) == ("network.module", "write um:make")
