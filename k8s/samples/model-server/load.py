"""Asks the gateway with more clients than the servers can serve at once, and says what became of the requests."""
import collections
import os
import threading
import time
import urllib.error
import urllib.request

URL = os.environ.get("URL", "http://admission-frontend/")
CLIENTS = int(os.environ.get("CLIENTS", "12"))
SECONDS = float(os.environ.get("SECONDS", "60"))
lock = threading.Lock()
statuses = collections.Counter()
servers = collections.Counter()
waits = []
end = time.monotonic() + SECONDS


def client():
    while time.monotonic() < end:
        started = time.monotonic()
        try:
            with urllib.request.urlopen(URL, timeout=60) as answer:
                status, text = answer.status, answer.read().decode().strip()
        except urllib.error.HTTPError as refused:
            status, text = refused.code, ""
            time.sleep(min(float(refused.headers.get("Retry-After", "1")), 5))
        except OSError as failure:
            status, text = type(failure).__name__, ""
            time.sleep(1)
        with lock:
            statuses[status] += 1
            waits.append(time.monotonic() - started)
            if text:
                servers[text] += 1


threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
waits.sort()
print(f"{len(waits)} requests: {dict(statuses)}")
print(f"median {waits[len(waits) // 2]:.2f} s, 99 % {waits[len(waits) * 99 // 100]:.2f} s")
for server, count in sorted(servers.items()):
    print(f"  {server}: {count}")
