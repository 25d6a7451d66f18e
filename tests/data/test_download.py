"""Downloads from local servers that close connections, send wrong files, or are gone."""

import errno
import gzip
import hashlib
import multiprocessing
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock

from seedbed.core.errors import DownloadError
from seedbed.data.download import fetch
from seedbed.data.remote_file import Digest, RemoteFile
from sentences import Sentence

CONTENT = np.random.default_rng(0).integers(0, 256, 300_000, np.uint8).tobytes()


@dataclass
class Mirror:
    """A server: its file, how it misbehaves, and the ranges that were requested."""

    content: bytes = CONTENT
    status: int = 200
    cut_after: list[int] = field(default_factory=list)
    """The bytes after which a connection is closed, one number per connection."""
    resumes: bool = True
    redirect: str = ""
    ranges: list[str | None] = field(default_factory=list)
    url: str = ""


def handler(mirror: Mirror) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = self.headers.get("Range")
            mirror.ranges.append(asked)
            if mirror.redirect:
                self.send_response(302)
                self.send_header("Location", mirror.redirect)
                self.end_headers()
                return
            if mirror.status != 200:
                self.send_error(mirror.status)
                return
            start = int(asked.split("=")[1].rstrip("-")) if asked and mirror.resumes else 0
            if start >= len(mirror.content) and start:
                self.send_error(416)
                return
            body = mirror.content[start:]
            self.send_response(206 if start else 200)
            if start:
                end = len(mirror.content) - 1
                self.send_header("Content-Range", f"bytes {start}-{end}/{len(mirror.content)}")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if mirror.cut_after:
                body = body[: mirror.cut_after.pop(0)]
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    return Handler


@pytest.fixture
def serve() -> Iterator[Callable[[Mirror], Mirror]]:
    servers = []

    def start(mirror: Mirror) -> Mirror:
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler(mirror))
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        servers.append(server)
        mirror.url = f"http://127.0.0.1:{server.server_port}/file.bin"
        return mirror

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def remote(*urls: str, content: bytes = CONTENT) -> RemoteFile:
    digest = Digest("sha256", hashlib.sha256(content).hexdigest())
    return RemoteFile("file.bin", urls, digest, len(content))


Serve = Callable[[Mirror], Mirror]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.endswith(".lock"))


def test_a_file_is_downloaded_once(tmp_path: Path, serve: Serve) -> None:
    mirror = serve(Mirror())
    reports: list[tuple[str, int, int | None]] = []
    path = fetch(remote(mirror.url), tmp_path / "new", lambda *args: reports.append(args))
    assert path.read_bytes() == CONTENT
    assert reports[-1] == ("file.bin", len(CONTENT), len(CONTENT))
    assert fetch(remote(mirror.url), tmp_path / "new") == path
    assert mirror.ranges == [None]
    assert names(path.parent) == ["file.bin"]


def test_a_download_is_resumed_after_a_closed_connection(tmp_path: Path, serve: Serve) -> None:
    mirror = serve(Mirror(cut_after=[100_000, 50_000]))
    assert fetch(remote(mirror.url), tmp_path).read_bytes() == CONTENT
    assert mirror.ranges == [None, "bytes=100000-", "bytes=150000-"]


def test_an_interrupted_download_is_resumed_by_the_next_process(
    tmp_path: Path, serve: Serve
) -> None:
    mirror = serve(Mirror())

    def interrupt(name: str, done: int, total: int | None) -> None:
        if done >= 131_072:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(remote(mirror.url), tmp_path, interrupt)
    assert fetch(remote(mirror.url), tmp_path).read_bytes() == CONTENT
    assert mirror.ranges == [None, "bytes=131072-"]


def test_a_download_starts_over_if_the_server_cannot_resume(tmp_path: Path, serve: Serve) -> None:
    mirror = serve(Mirror(cut_after=[100_000], resumes=False))
    assert fetch(remote(mirror.url), tmp_path).read_bytes() == CONTENT


def test_a_part_that_is_too_long_is_deleted(tmp_path: Path, serve: Serve) -> None:
    mirror = serve(Mirror())
    tag = hashlib.sha256(mirror.url.encode()).hexdigest()[:8]
    (tmp_path / f"file.bin.{tag}.part").write_bytes(CONTENT + b"more")
    assert fetch(remote(mirror.url), tmp_path).read_bytes() == CONTENT


def test_the_next_mirror_is_tried(tmp_path: Path, serve: Serve) -> None:
    gone, wrong, good = serve(Mirror(status=404)), serve(Mirror(b"wrong" * 100)), serve(Mirror())
    file = remote("http://127.0.0.1:9/closed", gone.url, wrong.url, good.url)
    assert fetch(file, tmp_path).read_bytes() == CONTENT
    assert names(tmp_path) == ["file.bin"]


@pytest.mark.parametrize(
    "content",
    [b"\n<!DOCTYPE html><p>Sorry", CONTENT[:1000], CONTENT[:-1] + b"x"],
    ids=["web page", "truncated", "another version"],
)
def test_a_wrong_file_is_rejected_with_its_checksum_and_a_likely_cause(
    tmp_path: Path, serve: Serve, content: bytes, sentence: Sentence
) -> None:
    mirror = serve(Mirror(content))
    expected, actual = (hashlib.sha256(data).hexdigest() for data in (CONTENT, content))
    with pytest.raises(DownloadError) as error:
        fetch(remote(mirror.url), tmp_path)
    assert error.value.where == "file.bin"
    assert expected in error.value.what
    assert actual in error.value.what
    assert names(tmp_path) == []
    host = mirror.url.split("/")[2]
    sentence(str(error.value).replace(host, "HOST"))


def test_contents_are_verified_if_their_checksum_is_known(tmp_path: Path, serve: Serve) -> None:
    digest = Digest("sha256", hashlib.sha256(CONTENT).hexdigest(), of_contents=True)
    for level in (1, 9):
        mirror = serve(Mirror(gzip.compress(CONTENT, level)))
        file = RemoteFile("file.gz", (mirror.url,), digest, len(CONTENT))
        fetch(file, tmp_path / str(level))
    mirror = serve(Mirror(gzip.compress(CONTENT)[:-500]))
    file = RemoteFile("file.gz", (mirror.url,), digest, len(CONTENT))
    with pytest.raises(DownloadError) as error:
        fetch(file, tmp_path / "cut")
    assert error.value.where == "file.gz"
    assert digest.value in error.value.what
    assert "sha256 of the contents" in error.value.what
    assert not (tmp_path / "cut" / "file.gz").exists()


def test_md5_can_be_checked(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"hello")
    assert Digest("md5", "").of(tmp_path / "f") == "5d41402abc4b2a76b9719d911017c592"


@pytest.mark.parametrize(
    "mirror",
    [Mirror(CONTENT * 4), Mirror(cut_after=[1000] + [0] * 10)],
    ids=["sends too much", "closes connections"],
)
def test_a_mirror_that_fails_is_given_up(
    tmp_path: Path, serve: Serve, mirror: Mirror, sentence: Sentence
) -> None:
    serve(mirror)
    with pytest.raises(DownloadError) as error:
        fetch(remote(mirror.url), tmp_path)
    assert error.value.where == "file.bin"
    host = mirror.url.split("/")[2]
    sentence(str(error.value).replace(host, "HOST"))


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/f", "data:,hello"])
def test_only_http_is_used(tmp_path: Path, serve: Serve, url: str) -> None:
    redirecting = serve(Mirror(redirect=url))
    for mirror in (url, redirecting.url):
        with pytest.raises(DownloadError) as error:
            fetch(remote(mirror), tmp_path)
        assert error.value.where == "file.bin"
    assert redirecting.ranges
    assert names(tmp_path) == []


def test_another_protocol_is_an_error(tmp_path: Path, sentence: Sentence) -> None:
    with pytest.raises(DownloadError) as error:
        fetch(remote("ftp://127.0.0.1/f"), tmp_path)
    sentence(error.value)


def test_without_a_network_the_mirrors_are_named(tmp_path: Path, sentence: Sentence) -> None:
    file = remote("http://127.0.0.1:9/a", "http://127.0.0.1:10/b")
    with pytest.raises(DownloadError) as error:
        fetch(file, tmp_path)
    assert error.value.where == "file.bin"
    assert str(tmp_path) in error.value.hint
    sentence(re.sub(r"reached \(.*?\)", "reached (CAUSE)", str(error.value)))


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path, serve: Serve) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DownloadError) as error:
        fetch(remote(serve(Mirror()).url), tmp_path / "file")
    assert error.value.where.startswith(str(tmp_path / "file"))
    assert isinstance(error.value.__cause__, OSError)
    assert "SEEDBED_DATA" in error.value.hint


def test_a_full_disk_is_an_error(
    tmp_path: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch, sentence: Sentence
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    mirror = serve(Mirror())
    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(DownloadError) as error:
        fetch(remote(mirror.url), tmp_path)
    assert error.value.where == str(tmp_path)
    assert "SEEDBED_DATA" in error.value.hint
    sentence(error.value)


def test_two_processes_share_the_cache(tmp_path: Path, serve: Serve) -> None:
    mirror = serve(Mirror())
    context = multiprocessing.get_context("spawn")
    with context.Pool(2) as pool:
        paths = pool.starmap(fetch, [(remote(mirror.url), tmp_path)] * 4)
    assert {path.read_bytes() for path in paths} == {CONTENT}
    assert mirror.ranges == [None]


def test_waiting_for_another_process_is_reported(tmp_path: Path, serve: Serve) -> None:
    mirror = serve(Mirror())
    reports: list[tuple[str, int]] = []
    lock = FileLock(tmp_path / ".file.bin.lock", thread_local=False)
    lock.acquire()

    def note(name: str, done: int, total: int | None) -> None:
        reports.append((name, done))
        lock.release()

    fetch(remote(mirror.url), tmp_path, note)
    assert reports[0] == ("file.bin (another process is downloading it)", 0)
