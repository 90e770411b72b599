"""A backend as many are: Flask, blocking, unaware of clients that leave."""
import time
import uuid

import flask
import journal

app = flask.Flask(__name__)
CHUNK = b"x" * 16384


@app.route("/ready")
def ready():
    return "ready"


@app.route("/work", methods=["GET", "POST"])
@app.route("/reports/<path:any>")
def work(any=None):
    """Works for `ms` milliseconds; answers with the request's `id`, what it was sent, and a `run` that no other answer has, or with `bytes` bytes."""
    arguments = flask.request.args
    request, seconds = arguments.get("id", "-"), arguments.get("ms", 50, type=float) / 1000
    size = arguments.get("bytes", 0, type=int)
    if size:
        return flask.Response(stream(request, seconds, size), headers={"Content-Length": str(size)})
    with journal.inside(request):
        received = flask.request.get_data()
        time.sleep(seconds)
    return {"id": request, "received": len(received), "text": received[:100].decode("latin-1"), "run": uuid.uuid4().hex}


def stream(request, seconds, size):
    with journal.inside(request):
        time.sleep(seconds)
        while size > len(CHUNK):
            yield CHUNK
            size -= len(CHUNK)
    yield CHUNK[:size]
