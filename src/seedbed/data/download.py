"""Fetching published files: from one mirror or the next, resumed after a cut, checked, shared.

A file is written to a ``.part`` beside its place and renamed once its check has passed, so what is
in the cache is whole. A lock beside it lets two processes share the cache: the second waits and
finds the file there.
"""

import gzip
import hashlib
import http.client
import urllib.error
import urllib.request
import zlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from filelock import FileLock, Timeout

from seedbed.core.errors import DownloadError
from seedbed.data.readers.bounded import is_gzip

Progress = Callable[[str, int, int | None], None]
"""Told the file's name, the bytes that are here, and the bytes in all where that is known."""

SECONDS_OF_SILENCE = 20
"""How long a mirror may say nothing before the next one is tried."""
CUTS = 3
"""How often in a row a connection may break without a byte gained."""
CHUNK = 1 << 16


@dataclass(frozen=True)
class Digest:
    """What a file must hash to: itself, or its contents once decompressed."""

    algorithm: str
    value: str
    of_contents: bool = False

    def of(self, path: Path) -> str:
        """Return the digest of a file, to compare with :attr:`value`."""
        digest = hashlib.new(self.algorithm, usedforsecurity=False)
        packed = self.of_contents and is_gzip(path)
        with gzip.open(path, "rb") if packed else path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
        return digest.hexdigest()


@dataclass(frozen=True)
class RemoteFile:
    """A published file: its name, where it can be fetched, what it must be, its size in bytes."""

    name: str
    urls: tuple[str, ...]
    digest: Digest
    size: int


class _MirrorFailed(Exception):
    """Why a mirror did not give the file."""


def fetch(file: RemoteFile, folder: Path, progress: Progress | None = None) -> Path:
    """Return the file's path in a folder, fetched and checked unless it is there already.

    Raises:
        DownloadError: If no mirror gave the file, or the folder cannot be written.

    """
    report = progress or _silent
    place = folder / file.name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _acquire(FileLock(folder / f".{file.name}.lock"), file, report):
            if not place.exists():
                _fetch_from_any(file, place, report)
    except OSError as error:
        raise DownloadError(
            f"cannot be written: {error.strerror or error}",
            where=str(error.filename or folder),
            hint="make room there, or keep datasets elsewhere and name that folder in SEEDBED_DATA",
        ) from error
    return place


def _silent(name: str, done: int, total: int | None) -> None:
    """Tell nobody."""


def _acquire(lock: FileLock, file: RemoteFile, report: Progress) -> AbstractContextManager[object]:
    try:
        return lock.acquire(timeout=0)
    except Timeout:
        report(f"{file.name} (another process is fetching it)", 0, None)
        return lock.acquire()


def _fetch_from_any(file: RemoteFile, place: Path, report: Progress) -> None:
    hosts_of: dict[str, list[str]] = {}
    for url in file.urls:
        # Each mirror has its own part: they may serve different compressions of the same contents.
        tag = hashlib.sha256(url.encode()).hexdigest()[:8]
        part = place.with_name(f"{file.name}.{tag}.part")
        try:
            _download(url, part, file, report)
            _check(part, file)
        except _MirrorFailed as failure:
            hosts = hosts_of.setdefault(str(failure), [])
            hosts += [urlsplit(url).netloc] * (urlsplit(url).netloc not in hosts)
        else:
            part.replace(place)
            return
    reasons = (f"{', '.join(hosts)} {reason}" for reason, hosts in hosts_of.items())
    raise DownloadError(
        f"could not be fetched: {'; '.join(reasons)}",
        where=file.name,
        hint=f"check the connection, or put the file into {place.parent}/ by hand",
    )


def _check(part: Path, file: RemoteFile) -> None:
    try:
        got = file.digest.of(part)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        got = f"gzip data that cannot be read ({error})"
    if got == file.digest.value:
        return
    with part.open("rb") as stream:
        start = stream.read(64).lstrip().lower()
    if start.startswith(b"<"):
        cause = "it sent a web page instead of the file"
    elif part.stat().st_size < file.size // 2:
        cause = "the file was cut short"
    else:
        cause = "the mirror has another version of the file, or it was damaged on the way"
    part.unlink()
    what = f"{file.digest.algorithm} of the {'contents' if file.digest.of_contents else 'file'}"
    raise _MirrorFailed(
        f"gave a wrong file: {what} expected {file.digest.value}, got {got}; {cause}"
    )


def _download(url: str, part: Path, file: RemoteFile, report: Progress) -> None:
    """Fetch a URL into ``part``, going on from what is there, through cuts of the connection."""
    if urlsplit(url).scheme not in ("http", "https"):
        raise _MirrorFailed("is no http or https address")
    cuts = 0
    while True:
        before = part.stat().st_size if part.exists() else 0
        try:
            if _download_once(url, part, file, report):
                return
            reason = "the connection was cut"
        except urllib.error.HTTPError as error:
            error.close()
            if error.code != http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE or not before:
                raise _MirrorFailed(f"answered {error.code} {error.reason}") from error
            part.unlink()  # Longer than the file is there: begin again.
            reason = "would not resume"
        except (
            urllib.error.URLError,
            http.client.HTTPException,
            ConnectionError,
            TimeoutError,
        ) as e:
            reason = f"cannot be reached ({getattr(e, 'reason', e) or type(e).__name__})"
        after = part.stat().st_size if part.exists() else 0
        cuts = 0 if after > before else cuts + 1
        if cuts == CUTS or (after == 0 and reason.startswith("cannot")):
            raise _MirrorFailed(f"{reason} after {after:,} bytes" if after else reason)


def _download_once(url: str, part: Path, file: RemoteFile, report: Progress) -> bool:
    """Fetch what is missing over one connection; whether the file is complete then."""
    start = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(url, headers={"User-Agent": "seedbed"})  # noqa: S310 - checked
    if start:
        request.add_header("Range", f"bytes={start}-")
    with _opener().open(request, timeout=SECONDS_OF_SILENCE) as response:
        if response.status != http.HTTPStatus.PARTIAL_CONTENT:
            start = 0
        elif not response.headers.get("Content-Range", "").startswith(f"bytes {start}-"):
            part.unlink()
            return False
        length = response.headers.get("Content-Length")
        total = start + int(length) if length else None
        done = start
        with part.open("ab" if start else "wb") as stream:
            while block := response.read(CHUNK):
                done += len(block)
                if done > 2 * file.size + CHUNK:
                    raise _MirrorFailed(f"sends more than the {file.size:,} bytes expected")
                stream.write(block)
                report(file.name, done, total)
    return total is None or done >= total


def _opener() -> urllib.request.OpenerDirector:
    """Return an opener that knows http and https only, also after a redirection."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler,
        urllib.request.UnknownHandler,
        urllib.request.HTTPHandler,
        urllib.request.HTTPSHandler,
        urllib.request.HTTPDefaultErrorHandler,
        urllib.request.HTTPRedirectHandler,
        urllib.request.HTTPErrorProcessor,
    ):
        opener.add_handler(handler())
    return opener
