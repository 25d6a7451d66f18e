"""A sealed file says of itself whether it is as it was written."""

import io
import json
import re
import subprocess
import zipfile
from pathlib import Path

import numpy as np
import pytest

from seedbed.core import seal
from seedbed.core.seal import BLANK, is_broken, is_sealed, sealed

JSON = f'{{"checksum": "{BLANK}", "accuracy": 0.9017, "note": "checksum: {"f" * 64}"}}'.encode()
TOML = f'checksum = "{BLANK}"\nname = "digits"\n'.encode()


def archive() -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, numbers=np.arange(50))
    with zipfile.ZipFile(file, "a") as members:
        members.comment = f"checksum {BLANK}".encode()
    return file.getvalue()


@pytest.mark.parametrize("contents", [JSON, TOML, archive()], ids=["JSON", "TOML", "NPZ"])
def test_every_changed_byte_is_noticed(contents: bytes) -> None:
    whole = sealed(contents)
    assert len(whole) == len(contents)
    assert is_sealed(whole)
    assert sealed(whole) == whole
    assert not is_sealed(contents)
    for position in range(len(whole)):
        changed = bytearray(whole)
        changed[position] ^= 0x01
        assert not is_sealed(bytes(changed)), position
        assert not is_sealed(whole[:position])
    assert not is_sealed(whole + b" ")


def test_what_is_sealed_is_read_as_before() -> None:
    assert json.loads(sealed(JSON))["accuracy"] == 0.9017
    with np.load(io.BytesIO(sealed(archive()))) as arrays:
        np.testing.assert_array_equal(arrays["numbers"], np.arange(50))


def test_contents_without_room_cannot_be_sealed() -> None:
    with pytest.raises(ValueError, match="checksum"):
        sealed(b"{}")
    assert not is_sealed(b"{}")
    assert not is_broken(b"{}")
    assert not is_broken(sealed(JSON))
    assert is_broken(sealed(JSON) + b" ")


def test_the_command_in_the_docstring_checks_it(tmp_path: Path) -> None:
    command = re.search(r"^ +(sed .*)$", seal.__doc__ or "", re.MULTILINE)
    assert command is not None
    (tmp_path / "run.json").write_bytes(sealed(JSON))
    output = subprocess.run(
        ["bash", "-c", command[1]], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout
    assert output.split()[0] == json.loads(sealed(JSON))["checksum"]
