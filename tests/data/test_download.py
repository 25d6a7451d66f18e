"""Downloads from servers on this machine that are cut, slow, wrong and gone."""

import gzip
import hashlib
import multiprocessing
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock

from seedbed.core.errors import DownloadError
from seedbed.data.download import Digest, RemoteFile, fetch

CONTENT = np.random.default_rng(0).integers(0, 256, 300_000, np.uint8).tobytes()


@dataclass
class Mirror:
    """A server: what it serves, how it misbehaves, and what it was asked for."""

    content: bytes = CONTENT
    status: int = 200
    cut_after: list[int] = field(default_factory=list)
    """Bytes after which each connection is cut, one number a connection."""
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
            """Say nothing."""

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


def test_a_file_is_fetched_once(tmp_path: Path, serve: Serve) -> None:
    mirror = serve(Mirror())
    told: list[tuple[str, int, int | None]] = []
    path = fetch(remote(mirror.url), tmp_path / "new", lambda *news: told.append(news))
    assert path.read_bytes() == CONTENT
    assert told[-1] == ("file.bin", len(CONTENT), len(CONTENT))
    assert fetch(remote(mirror.url), tmp_path / "new") == path
    assert mirror.ranges == [None]
    assert names(path.parent) == ["file.bin"]


def test_a_cut_is_resumed_where_it_was(tmp_path: Path, serve: Serve) -> None:
    mirror = serve(Mirror(cut_after=[100_000, 50_000]))
    assert fetch(remote(mirror.url), tmp_path).read_bytes() == CONTENT
    assert mirror.ranges == [None, "bytes=100000-", "bytes=150000-"]


def test_an_interrupted_download_goes_on_at_the_next_start(tmp_path: Path, serve: Serve) -> None:
    mirror = serve(Mirror())

    def interrupt(name: str, done: int, total: int | None) -> None:
        if done >= 131_072:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(remote(mirror.url), tmp_path, interrupt)
    assert fetch(remote(mirror.url), tmp_path).read_bytes() == CONTENT
    assert mirror.ranges == [None, "bytes=131072-"]


def test_a_server_that_cannot_resume_begins_again(tmp_path: Path, serve: Serve) -> None:
    mirror = serve(Mirror(cut_after=[100_000], resumes=False))
    assert fetch(remote(mirror.url), tmp_path).read_bytes() == CONTENT


def test_a_part_that_is_too_long_is_dropped(tmp_path: Path, serve: Serve) -> None:
    mirror = serve(Mirror())
    tag = hashlib.sha256(mirror.url.encode()).hexdigest()[:8]
    (tmp_path / f"file.bin.{tag}.part").write_bytes(CONTENT + b"more")
    assert fetch(remote(mirror.url), tmp_path).read_bytes() == CONTENT


def test_the_next_mirror_is_asked(tmp_path: Path, serve: Serve) -> None:
    gone, wrong, good = serve(Mirror(status=404)), serve(Mirror(b"wrong" * 100)), serve(Mirror())
    file = remote("http://127.0.0.1:9/closed", gone.url, wrong.url, good.url)
    assert fetch(file, tmp_path).read_bytes() == CONTENT
    assert names(tmp_path) == ["file.bin"]


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"\n<!DOCTYPE html><p>Sorry", "it sent a web page instead of the file"),
        (CONTENT[:1000], "the file was cut short"),
        (CONTENT[:-1] + b"x", "the mirror has another version of the file, or it was damaged"),
    ],
)
def test_a_wrong_file_is_refused(tmp_path: Path, serve: Serve, content: bytes, cause: str) -> None:
    mirror = serve(Mirror(content))
    expected, got = (hashlib.sha256(data).hexdigest() for data in (CONTENT, content))
    with pytest.raises(DownloadError) as caught:
        fetch(remote(mirror.url), tmp_path)
    message = str(caught.value)
    assert f"sha256 of the file expected {expected}, got {got}; {cause}" in message
    assert "\n" not in message
    assert names(tmp_path) == []


def test_contents_count_where_they_are_what_is_known(tmp_path: Path, serve: Serve) -> None:
    digest = Digest("sha256", hashlib.sha256(CONTENT).hexdigest(), of_contents=True)
    for level in (1, 9):
        mirror = serve(Mirror(gzip.compress(CONTENT, level)))
        file = RemoteFile("file.gz", (mirror.url,), digest, len(CONTENT))
        fetch(file, tmp_path / str(level))
    mirror = serve(Mirror(gzip.compress(CONTENT)[:-500]))
    file = RemoteFile("file.gz", (mirror.url,), digest, len(CONTENT))
    with pytest.raises(DownloadError, match=r"sha256 of the contents .* cannot be read"):
        fetch(file, tmp_path / "cut")


def test_md5_can_be_checked(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"hello")
    assert Digest("md5", "").of(tmp_path / "f") == "5d41402abc4b2a76b9719d911017c592"


def test_a_mirror_that_sends_without_end_is_left(tmp_path: Path, serve: Serve) -> None:
    mirror = serve(Mirror(CONTENT * 4))
    with pytest.raises(DownloadError, match=r"sends more than the 300,000 bytes expected"):
        fetch(remote(mirror.url), tmp_path)


def test_a_mirror_that_is_always_cut_is_left(tmp_path: Path, serve: Serve) -> None:
    mirror = serve(Mirror(cut_after=[1000] + [0] * 10))
    with pytest.raises(DownloadError, match="the connection was cut after 1,000 bytes"):
        fetch(remote(mirror.url), tmp_path)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/f", "data:,hello"])
def test_only_http_is_spoken(tmp_path: Path, serve: Serve, url: str) -> None:
    with pytest.raises(DownloadError, match="is no http or https address"):
        fetch(remote(url), tmp_path)
    with pytest.raises(DownloadError, match="could not be fetched"):
        fetch(remote(serve(Mirror(redirect=url)).url), tmp_path)
    assert names(tmp_path) == []


def test_offline_is_one_line_that_names_the_mirrors(tmp_path: Path) -> None:
    file = remote("http://127.0.0.1:9/a", "http://127.0.0.1:10/b")
    with pytest.raises(DownloadError) as caught:
        fetch(file, tmp_path)
    assert str(caught.value) == (
        "file.bin: could not be fetched: 127.0.0.1:9, 127.0.0.1:10 cannot be reached "
        "([Errno 111] Connection refused) "
        f"(check the connection, or put the file into {tmp_path}/ by hand)"
    )


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path, serve: Serve) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DownloadError, match=r"file.*: cannot be written: "):
        fetch(remote(serve(Mirror()).url), tmp_path / "file")


def test_a_full_disk_is_one_line(
    tmp_path: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    mirror = serve(Mirror())
    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(DownloadError, match=r"cannot be written: No space left.*make room"):
        fetch(remote(mirror.url), tmp_path)


def test_two_processes_share_the_cache(tmp_path: Path, serve: Serve) -> None:
    mirror = serve(Mirror())
    context = multiprocessing.get_context("spawn")
    with context.Pool(2) as pool:
        paths = pool.starmap(fetch, [(remote(mirror.url), tmp_path)] * 4)
    assert {path.read_bytes() for path in paths} == {CONTENT}
    assert mirror.ranges == [None]


def test_who_waits_for_another_says_so(tmp_path: Path, serve: Serve) -> None:
    mirror = serve(Mirror())
    told: list[str] = []
    lock = FileLock(tmp_path / ".file.bin.lock", thread_local=False)
    lock.acquire()

    def note(name: str, done: int, total: int | None) -> None:
        told.append(name)
        lock.release()

    fetch(remote(mirror.url), tmp_path, note)
    assert told[0] == "file.bin (another process is fetching it)"
