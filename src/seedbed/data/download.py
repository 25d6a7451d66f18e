"""Downloading published files: from several mirrors, with resumption, checksums and a shared cache.

A file is downloaded to a ``.part`` file in the same folder and renamed once its checksum is
verified, so the cache holds complete files only. A lock file lets several processes share the
cache: one downloads, the others wait.
"""

import gzip
import hashlib
import http.client
import urllib.error
import urllib.request
import zlib
from contextlib import AbstractContextManager
from pathlib import Path
from urllib.parse import urlsplit

from filelock import FileLock, Timeout

from seedbed.core.errors import DownloadError
from seedbed.data.remote_file import Progress, RemoteFile

TIMEOUT_SECONDS = 20
"""How long a mirror may send nothing before the next one is tried."""
MAX_FAILURES = 3
"""How many connections in a row may break without a new byte."""
CHUNK = 1 << 16


class _MirrorFailed(Exception):
    """Why the download from a mirror failed; the message follows the mirror's host."""


def fetch(file: RemoteFile, folder: Path, progress: Progress | None = None) -> Path:
    """Download a file into a folder, unless it is there, and return its path.

    Args:
        file: What to download.
        folder: Where to keep it; created if necessary.
        progress: Called whenever bytes arrive.

    Raises:
        DownloadError: If no mirror has a valid copy, or the folder cannot be written.

    """
    report = progress or _ignore
    path = folder / file.name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _acquire(FileLock(folder / f".{file.name}.lock"), file, report):
            if not path.exists():
                _fetch_from_any(file, path, report)
    except OSError as error:
        raise DownloadError(
            f"cannot be written: {error.strerror or error}",
            where=str(error.filename or folder),
            hint="free some space, or set SEEDBED_DATA to another folder of datasets",
        ) from error
    return path


def _ignore(name: str, done: int, total: int | None) -> None:
    """Report no progress."""


def _acquire(lock: FileLock, file: RemoteFile, report: Progress) -> AbstractContextManager[object]:
    try:
        return lock.acquire(timeout=0)
    except Timeout:
        report(f"{file.name} (another process is downloading it)", 0, None)
        return lock.acquire()


def _fetch_from_any(file: RemoteFile, path: Path, report: Progress) -> None:
    hosts_of: dict[str, list[str]] = {}
    for url in file.urls:
        # One part per mirror: mirrors may serve different compressions of the same contents.
        tag = hashlib.sha256(url.encode()).hexdigest()[:8]
        part = path.with_name(f"{file.name}.{tag}.part")
        try:
            _download(url, part, file, report)
            _check(part, file)
        except _MirrorFailed as failure:
            hosts = hosts_of.setdefault(str(failure), [])
            hosts += [urlsplit(url).netloc] * (urlsplit(url).netloc not in hosts)
        else:
            part.replace(path)
            return
    reasons = (f"{', '.join(hosts)} {reason}" for reason, hosts in hosts_of.items())
    raise DownloadError(
        f"cannot be downloaded: {'; '.join(reasons)}",
        where=file.name,
        hint=f"check the connection, or put the file into {path.parent}/ by hand",
    )


def _check(part: Path, file: RemoteFile) -> None:
    try:
        got = file.digest.of(part)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        got = f"unreadable gzip data ({error})"
    if got == file.digest.value:
        return
    with part.open("rb") as stream:
        start = stream.read(64).lstrip().lower()
    if start.startswith(b"<"):
        cause = "a web page instead of the file"
    elif part.stat().st_size < file.size // 2:
        cause = "a truncated file"
    else:
        cause = "another version of the file, or damage during the transfer"
    part.unlink()
    what = f"{file.digest.algorithm} of the {'contents' if file.digest.of_contents else 'file'}"
    raise _MirrorFailed(
        f"sent a wrong file: {what} expected {file.digest.value}, got {got}; likely cause: {cause}"
    )


def _download(url: str, part: Path, file: RemoteFile, report: Progress) -> None:
    """Download a URL into ``part``; resume from its current end, also after broken connections."""
    if urlsplit(url).scheme not in ("http", "https"):
        raise _MirrorFailed("has a URL that is neither http nor https")
    failures = 0
    while True:
        before = part.stat().st_size if part.exists() else 0
        try:
            if _download_once(url, part, file, report):
                return
            reason = "closed the connection"
        except urllib.error.HTTPError as error:
            error.close()
            if error.code != http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE or not before:
                raise _MirrorFailed(f"answered {error.code} {error.reason}") from error
            part.unlink()  # It is longer than the published file: start over.
            reason = "cannot resume the download"
        except (
            urllib.error.URLError,
            http.client.HTTPException,
            ConnectionError,
            TimeoutError,
        ) as error:
            cause = getattr(error, "reason", error) or type(error).__name__
            reason = f"cannot be reached ({cause})"
        after = part.stat().st_size if part.exists() else 0
        failures = 0 if after > before else failures + 1
        if failures == MAX_FAILURES or (after == 0 and reason.startswith("cannot be reached")):
            raise _MirrorFailed(f"{reason} after {after:,} bytes" if after else reason)


def _download_once(url: str, part: Path, file: RemoteFile, report: Progress) -> bool:
    """Download the missing bytes over one connection; return whether the file is complete."""
    start = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(url, headers={"User-Agent": "seedbed"})  # noqa: S310 - checked
    if start:
        request.add_header("Range", f"bytes={start}-")
    with _opener().open(request, timeout=TIMEOUT_SECONDS) as response:
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
                    raise _MirrorFailed(f"sends more than the expected {file.size:,} bytes")
                stream.write(block)
                report(file.name, done, total)
    return total is None or done >= total


def _opener() -> urllib.request.OpenerDirector:
    """Return an opener for http and https only, even after a redirect."""
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
