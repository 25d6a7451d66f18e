"""The server of a review: what it answers, and what it refuses."""

import http.client
import io
import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from PIL import Image

from made_reviews import CLASSES, made_gallery, served
from seedbed.core.errors import StudyError
from seedbed.label_errors.review.answers import answers_file, read_answers
from seedbed.label_errors.review.gallery import Gallery, class_keys
from seedbed.label_errors.review.review import Review
from seedbed.label_errors.review.server import ReviewServer


@pytest.fixture(scope="module")
def gallery() -> Gallery:
    return made_gallery()


@pytest.fixture
def server(gallery: Gallery, tmp_path: Path) -> Iterator[ReviewServer]:
    with served(gallery, tmp_path) as of:
        yield of


Headers = Mapping[str, str | None]


def ask(
    server: ReviewServer,
    path: str,
    body: Any = None,
    *,
    raw: bytes | None = None,
    token: str | None = None,
    headers: Headers = MappingProxyType({}),
) -> tuple[int, bytes, http.client.HTTPMessage]:
    """Send a request as the page does, with other headers if asked; ``None`` leaves one out."""
    contents = json.dumps(body).encode() if raw is None and body is not None else raw
    sent: dict[str, str | None] = {"Host": server.origin.removeprefix("http://")}
    if contents is not None:
        sent["Origin"] = server.origin
        sent["Content-Type"] = "application/json"
        sent["Content-Length"] = str(len(contents))
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    with closing(connection):
        method = "GET" if contents is None else "POST"
        connection.putrequest(method, f"/{token or server.token}/{path}", skip_host=True)
        for name, value in (sent | dict(headers)).items():
            if value is not None:
                connection.putheader(name, value)
        connection.endheaders(contents)
        response = connection.getresponse()
        return response.status, response.read(), response.headers


def test_it_listens_on_this_machine_only(server: ReviewServer) -> None:
    assert server.server_address[0] == "127.0.0.1"
    assert server.socket.family == socket.AF_INET


def test_a_port_can_be_chosen_unless_it_is_taken(gallery: Gallery, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StudyError) as error:
            ReviewServer(Review(gallery, tmp_path, "anna", "f"), port)
        assert error.value.where == "port"
        assert str(port) in error.value.what
    with ReviewServer(Review(gallery, tmp_path, "anna", "f"), port) as server:
        assert server.server_address == ("127.0.0.1", port)
        assert f":{port}/" in server.address


def test_the_page_allows_no_inline_script_and_nothing_from_elsewhere(server: ReviewServer) -> None:
    for path in ("", "review.js", "review.css", "state"):
        status, contents, headers = ask(server, path)
        assert status == 200
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        if not path:
            assert b" style=" not in contents
            assert b"<style" not in contents
            assert contents.count(b"<script") == contents.count(b'<script src="review.js"')


def test_images_are_those_of_the_dataset(server: ReviewServer, gallery: Gallery) -> None:
    status, contents, headers = ask(server, "image/7.png")
    assert (status, headers["Content-Type"]) == (200, "image/png")
    pixels = np.asarray(Image.open(io.BytesIO(contents)))
    images = gallery.audit.splits[0].predictions.images.images
    np.testing.assert_array_equal(pixels, images[7, :, :, 0])


def test_neighbors_are_the_nearest_by_angle(server: ReviewServer, gallery: Gallery) -> None:
    rows = json.loads(ask(server, "neighbors/3")[1])
    features = gallery.features
    assert features is not None
    cosine = features @ features[3] / np.linalg.norm(features, axis=1) / np.linalg.norm(features[3])
    expected = [number for number in np.argsort(-cosine).tolist() if number != 3][:8]
    assert [row[0] for row in rows] == expected
    given = gallery.audit.splits[0].predictions.given
    assert [row[2] for row in rows] == given[expected].tolist()


@pytest.mark.parametrize(
    "path",
    [
        "image/40.png",
        "image/-1.png",
        "image/1e1.png",
        "image/../../etc/passwd",
        "image/%2e%2e/x.png",
        "image/99999999999999999999.png",
        "image/",
        "neighbors/40",
        "neighbors/x",
        "assets/review.js",
        "../review.js",
        "audit.csv",
        "state/",
    ],
)
def test_nothing_else_can_be_asked_for(server: ReviewServer, path: str) -> None:
    assert ask(server, path)[0] == 404


def test_who_does_not_know_the_token_gets_nothing(server: ReviewServer) -> None:
    for path in ("", "state", "image/1.png"):
        assert ask(server, path, token="x")[0] == 404
    assert ask(server, "undo", {}, token="x")[0] == 404


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 421),  # DNS rebinding
        ({"Host": "localhost"}, 421),
        ({"Host": None}, 421),
        ({"Origin": "https://evil.example"}, 403),  # another site's page
        ({"Origin": "null"}, 403),  # a sandboxed frame, or a file
        ({"Origin": None}, 403),
        ({"Content-Type": "text/plain"}, 415),  # what a form can send without being asked
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
        ({"Content-Length": None}, 411),
        ({"Content-Length": "-1"}, 411),
        ({"Content-Length": "1000000"}, 413),
    ],
)
def test_other_pages_cannot_post(
    server: ReviewServer, tmp_path: Path, headers: Headers, status: int
) -> None:
    body = {"number": 1, "label": 0}
    assert ask(server, "answer", body, headers=headers)[0] == status
    if "Host" in headers:
        assert ask(server, "state", headers=headers)[0] == status
    assert not answers_file(tmp_path, "anna").exists()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"{",
        b'{"number": 1.5, "label": 0}',
        b'{"number": true, "label": 0}',
        b'{"number": 1, "label": "0"}',
        b'{"number": 40, "label": 0}',
        b'{"number": -1, "label": 0}',
        b'{"number": 1, "label": 3}',
        b'{"number": 1, "label": -1}',
        b"[" * 900,
        b"\xff",
    ],
)
def test_nonsense_is_refused(server: ReviewServer, tmp_path: Path, raw: bytes) -> None:
    assert ask(server, "answer", raw=raw)[0] == 400
    assert not answers_file(tmp_path, "anna").exists()


def test_every_answer_is_kept_and_can_be_undone(server: ReviewServer, tmp_path: Path) -> None:
    assert ask(server, "answer", {"number": 1, "label": 2})[0] == 200
    assert ask(server, "answer", {"number": 1, "label": None})[0] == 200
    kept = read_answers(tmp_path, "anna", "f")
    assert [answer.label for answer in kept.given] == [CLASSES[2], None]
    undone = [json.loads(ask(server, "undo", {})[1]) for _ in range(3)]
    assert undone == [
        {"number": 1, "answers": [2]},
        {"number": 1, "answers": []},
        {"number": None, "answers": []},
    ]


def test_an_answer_that_cannot_be_kept_does_not_count(server: ReviewServer, tmp_path: Path) -> None:
    (tmp_path / "review").write_text("in the way")
    status, contents, _ = ask(server, "answer", {"number": 1, "label": 0})
    assert status == 500
    assert str(tmp_path) in json.loads(contents)["error"]
    assert json.loads(ask(server, "state")[1])["answers"] == []


@pytest.mark.parametrize("line", [b"GET x HTTP/1.1", b"GET * HTTP/1.1", b"GET /x HTTP/1.1"])
def test_a_path_of_no_folder_is_refused(
    server: ReviewServer, capsys: pytest.CaptureFixture[str], line: bytes
) -> None:
    host = server.origin.removeprefix("http://").encode()
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=10) as connection:
        connection.sendall(line + b"\r\nHost: " + host + b"\r\n\r\n")
        assert connection.makefile("rb").readline().startswith(b"HTTP/1.1 404 ")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("error", "said"),
    [(ConnectionResetError(), False), (BrokenPipeError(), False), (ValueError("odd"), True)],
)
def test_only_a_lost_connection_is_no_error(
    server: ReviewServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: Exception,
    said: bool,
) -> None:
    def fail(*_: Any) -> None:
        raise error

    monkeypatch.setattr(server, "finish_request", fail)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        server.process_request_thread(ours, ("127.0.0.1", 1))
    assert ("Traceback" in capsys.readouterr().err) == said


def test_digits_are_their_own_keys() -> None:
    assert class_keys(["0", "1", "7"]) == ["0", "1", "7"]
    assert class_keys(["cat", "dog"]) == ["1", "2"]
    assert class_keys(list("abcdefghijkl")) == [*"1234567890", "", ""]
