"""The server of a review: one page for one person at this machine.

It listens on 127.0.0.1 only. Other programs and pages in the same browser can reach that, too, so

* every address begins with a random token, which only the terminal shows, and a file that only
  this user can read (:func:`~seedbed.label_errors.review.serve.opened`);
* ``Host`` must be the address that is listened on, so a name that an attacker lets point to
  127.0.0.1 is refused (DNS rebinding);
* what changes something must be JSON and come from this page by ``Origin``, which browsers send
  with every POST and scripts cannot forge;
* images are asked for by number, so no path ever reaches the file system;
* the content security policy lets the page use its own scripts and styles, none of them inline, and
  nothing else; names of images and classes are set as text.
"""

import json
import secrets
import sys
from collections.abc import Callable
from functools import cache
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from typing import Any, Final

from seedbed.core.errors import SeedbedError, StudyError
from seedbed.core.parsing import parse_json
from seedbed.label_errors.review.review import Review
from seedbed.report.page.assets import styles

HOST: Final = "127.0.0.1"
MOST_BYTES: Final = 1000
"""Of the body of a request."""
PATIENCE: Final = 60.0
"""Seconds after which an idle connection is closed."""
HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
FILES: Final = {
    "": ("review.html", "text/html; charset=utf-8"),
    "review.js": ("review.js", "text/javascript; charset=utf-8"),
    "review.css": ("review.css", "text/css; charset=utf-8"),
}
"""Path below the token -> file in ``assets/`` and its type."""
JSON: Final = "application/json"


class ReviewServer(ThreadingHTTPServer):
    """Serves a review on a port of this machine, until it is closed.

    Args:
        review: What is served.
        port: The port, 1 to 65535; by default any that is free.

    Raises:
        StudyError: If the port cannot be used.
    """

    daemon_threads = True

    def __init__(self, review: Review, port: int | None = None) -> None:
        self.review = review
        self.token = secrets.token_urlsafe(24)
        self.ended = False
        try:
            super().__init__((HOST, port or 0), _Handler)
        except OSError as error:
            raise StudyError(
                f"{HOST}:{port} cannot be used: {error.strerror}",
                where="port",
                hint="choose another port; nothing is trained again",
            ) from error

    def server_close(self) -> None:
        """Stop listening; connections that are open get no answer any more."""
        self.ended = True
        super().server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print the traceback of an error, unless the browser has just gone away."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    @property
    def origin(self) -> str:
        """The origin of the page."""
        return f"http://{HOST}:{self.server_address[1]}"

    @property
    def address(self) -> str:
        """The address of the page."""
        return f"{self.origin}/{self.token}/"


class _Refused(Exception):
    """A request that is not answered as it wishes."""

    def __init__(self, status: HTTPStatus, text: str = "") -> None:
        self.status = status
        super().__init__(text or status.phrase)


class _Handler(BaseHTTPRequestHandler):
    server: ReviewServer
    protocol_version = "HTTP/1.1"
    timeout = PATIENCE

    def do_GET(self) -> None:
        self._respond(self._get)

    def do_POST(self) -> None:
        self._respond(self._post)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as in the base class
        """Print nothing: the terminal is the command's."""

    def version_string(self) -> str:
        """Return what the header ``Server`` says."""
        return "seedbed"

    def _respond(self, answer: Callable[[str], tuple[bytes, str]]) -> None:
        status = HTTPStatus.OK
        try:
            contents, kind = answer(self._path())
        except _Refused as refused:
            status = refused.status
            contents, kind = json.dumps({"error": str(refused)}).encode(), JSON
            self.close_connection = True  # what is left of the request is not read
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(contents)))
        # Pixels of a number never change while the token is valid; all else does.
        self.send_header(
            "Cache-Control", "private, max-age=3600" if kind == "image/png" else "no-store"
        )
        for name, value in HEADERS.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(contents)

    def _path(self) -> str:
        """Return the path below the token.

        Raises:
            _Refused: If the request is not from this machine's own page.
        """
        if self.headers.get_all("Host") != [self.server.origin.removeprefix("http://")]:
            raise _Refused(HTTPStatus.MISDIRECTED_REQUEST)
        if self.server.ended:
            raise _Refused(HTTPStatus.SERVICE_UNAVAILABLE, "the review has ended")
        empty, *rest = self.path.split("/", 2)
        if empty or len(rest) < 2:
            raise _Refused(HTTPStatus.NOT_FOUND)
        token, path = rest
        if not secrets.compare_digest(token.encode(), self.server.token.encode()):
            raise _Refused(HTTPStatus.NOT_FOUND)
        return path

    def _get(self, path: str) -> tuple[bytes, str]:
        if path in FILES:
            name, kind = FILES[path]
            return _asset(name), kind
        review = self.server.review
        what, _, number = path.partition("/")
        if path == "state":
            return _json(review.state())
        if what == "image":
            return self._of(number.removesuffix(".png"), review.gallery.png), "image/png"
        if what == "neighbors":
            return _json(self._of(number, review.neighbors))
        raise _Refused(HTTPStatus.NOT_FOUND)

    def _of(self, number: str, ask: Callable[[int], Any]) -> Any:
        # ASCII digits only: int() would take more, and IndexError is for what is out of range.
        if not (number.isascii() and number.isdigit() and len(number) < 10):
            raise _Refused(HTTPStatus.NOT_FOUND)
        try:
            return ask(int(number))
        except IndexError:
            raise _Refused(HTTPStatus.NOT_FOUND) from None

    def _post(self, path: str) -> tuple[bytes, str]:
        if self.headers.get_all("Origin") != [self.server.origin]:
            raise _Refused(HTTPStatus.FORBIDDEN)
        if self.headers.get_content_type() != JSON:
            raise _Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
        body = self._body()
        review = self.server.review
        try:
            if path == "answer":
                number, label = body.get("number"), body.get("label")
                if type(number) is not int or type(label) not in (int, type(None)):
                    raise _Refused(HTTPStatus.BAD_REQUEST)
                review.answer(number, label)
                return _json({})
            if path == "undo":
                return _json(review.undo())
        except IndexError:
            raise _Refused(HTTPStatus.BAD_REQUEST) from None
        except SeedbedError as error:  # the page shows it; the answer does not count
            raise _Refused(HTTPStatus.INTERNAL_SERVER_ERROR, str(error)) from None
        raise _Refused(HTTPStatus.NOT_FOUND)

    def _body(self) -> dict[str, Any]:
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()):
            raise _Refused(HTTPStatus.LENGTH_REQUIRED)
        if len(length) > 9 or int(length) > MOST_BYTES:
            raise _Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        try:
            values = parse_json(self.rfile.read(int(length)))
        except ValueError:
            raise _Refused(HTTPStatus.BAD_REQUEST) from None
        if not isinstance(values, dict):
            raise _Refused(HTTPStatus.BAD_REQUEST)
        return values


def _json(value: Any) -> tuple[bytes, str]:
    # Names of files that are no text hold surrogates, which JSON can escape and UTF-8 cannot.
    return json.dumps(value, ensure_ascii=True, allow_nan=False).encode(), JSON


@cache
def _asset(name: str) -> bytes:
    contents = (resources.files(__package__) / "assets" / name).read_bytes()
    return styles().encode() + contents if name == "review.css" else contents
