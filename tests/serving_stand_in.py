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
    specs = signature.structured_input_signature[1]
    if "instances" in request:  # Row format: with a single input its name may be left out.
        named = [_by_name(row, specs) for row in request["instances"]]
        given = {name: [row[name] for row in named] for name in specs}
    else:
        given = _by_name(request["inputs"], specs)
    outputs = signature(
        **{name: tf.constant(_from_json(given[name]), spec.dtype) for name, spec in specs.items()}
    )
    columns = {name: _to_json(name, tensor) for name, tensor in outputs.items()}
    if len(columns) == 1:  # With a single output its name is left out.
        ((_, answer),) = columns.items()
    elif "instances" in request:
        values = zip(*columns.values(), strict=True)
        answer = [dict(zip(columns, row, strict=True)) for row in values]
    else:
        answer = columns
    return {"predictions" if "instances" in request else "outputs": answer}


def _by_name(value, specs: dict) -> dict:
    if isinstance(value, dict) and value.keys() == specs.keys():
        return value
    (name,) = specs
    return {name: value}


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
