"""A stand-in for TensorFlow Serving's REST predict API: its server cannot be installed with pip.

It knows what the names in signatures decide (row and column format, base64) and nothing of
batching, new versions or gRPC. Format: https://www.tensorflow.org/tfx/serving/api_rest
"""

import base64
import contextlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import tensorflow as tf


@contextlib.contextmanager
def serving(model: Path) -> Iterator[str]:
    """Serve the highest version below `model`; yields the address that takes POST requests."""
    version = max(int(path.name) for path in model.iterdir() if path.name.isdecimal())
    loaded = tf.saved_model.load(str(model / str(version)))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            try:
                status, answer = 200, _predict(loaded.signatures, request)
            except Exception as error:  # As the server does: any failure is the client's to read.
                status, answer = 400, {"error": str(error)}
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

    server = HTTPServer(("localhost", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://localhost:{server.server_port}/v1/models/{model.name}:predict"
    finally:
        server.shutdown()
        server.server_close()


def _predict(signatures, request: dict) -> dict:
    signature = signatures[request.get("signature_name", "serving_default")]
    ((name, spec),) = signature.structured_input_signature[1].items()
    if "instances" in request:  # Row format: with a single input its name may be left out.
        value = [
            row.get(name, row) if isinstance(row, dict) else row for row in request["instances"]
        ]
    else:
        value = request["inputs"]
        value = value.get(name, value) if isinstance(value, dict) else value
    outputs = signature(**{name: tf.constant(_from_json(value), spec.dtype)})
    ((name, tensor),) = outputs.items()  # With a single output its name is left out.
    return {"predictions" if "instances" in request else "outputs": _to_json(name, tensor)}


def _from_json(value):
    if isinstance(value, dict):
        return base64.b64decode(value["b64"])
    return [_from_json(item) for item in value] if isinstance(value, list) else value


def _to_json(name: str, tensor: tf.Tensor):
    if tensor.dtype != tf.string:
        return tensor.numpy().tolist()
    if name.endswith("_bytes"):  # This suffix, not the type, tells the server to use base64.
        return [{"b64": base64.b64encode(item).decode()} for item in tensor.numpy()]
    return [item.decode() for item in tensor.numpy()]
