"""A server of one file on this machine, well-behaved or not."""

import contextlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class FileServer(ThreadingHTTPServer):
    """Serves `content` as `name`, as its switches say, and notes each request's Range header."""

    ranges = True
    tells_length = True
    etag = None
    shift = 0  # how far the range that it sends lies from the one asked for
    cut_at = None  # bytes of the body after which the connection ends
    status = None
    pause = None  # called after the bytes before the cut were sent

    def __init__(self, content: bytes, name: str):
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked = []
        self.content, self.name = content, name

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/{self.name}"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        server, content = self.server, self.server.content
        asked = self.headers.get("Range")
        server.asked.append(asked)
        if server.status:
            return self.send_error(server.status)
        other = self.headers.get("If-Range", server.etag) != server.etag
        ranges = asked and server.ranges and not other
        start = int(asked[len("bytes=") : -1]) + server.shift if ranges else 0
        if start and start >= len(content):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(content)}")
            return self.end_headers()
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        if server.tells_length:
            self.send_header("Content-Length", str(len(content) - start))
        if server.etag:
            self.send_header("ETag", server.etag)
        self.end_headers()
        body = content[start:]
        self.wfile.write(body if server.cut_at is None else body[: server.cut_at])
        self.wfile.flush()
        if server.pause:
            server.pause()

    def log_message(self, *args):
        """The test's output is no place for the server's log."""


@contextlib.contextmanager
def serving(content: bytes, name: str) -> Iterator[FileServer]:
    """A server that runs until the block ends."""
    with FileServer(content, name) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
