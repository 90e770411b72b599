"""A model server that does one thing at a time, and says so: a second request inside would be seen in 'greatest'."""
import http.server
import os
import signal
import sys
import threading
import time

SECONDS = float(os.environ.get("SECONDS_EACH", "0.2"))
inside = 0
greatest = 0


class Model(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 5  # a connection that says nothing keeps nobody waiting for longer

    def do_GET(self):
        global inside, greatest
        inside += 1
        greatest = max(greatest, inside)
        time.sleep(SECONDS)
        body = f"{os.uname().nodename} greatest={greatest}\n".encode()
        inside -= 1
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        # One connection at a time as well: an idle one that stays open would shut everybody else out.
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.HTTPServer(("0.0.0.0", int(os.environ.get("PORT", "8000"))), Model)
# What runs ends first; shutdown() waits for it, so it cannot be called in the thread that serves.
signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
print(f"serving on {server.server_port}", flush=True)
server.serve_forever()
sys.exit(0)
