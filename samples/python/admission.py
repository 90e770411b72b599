"""Leases of Admission: at most N of something at once, over all processes of a cluster. Standard library only."""
import contextlib, http.client, json, threading, time, urllib.error, urllib.request

FAILURES = OSError, http.client.HTTPException  # nothing is known then: not that there are no permits, nor that a lease has ended
ELSEWHERE = "starting", "ledger-unreachable"  # of 503: another gateway may know better


class Refused(Exception):
    """There are no permits now; retry_after says, in seconds, when to come back."""
    def __init__(self, answer):
        self.reason, self.retry_after = answer.headers.get("X-Admission-Reason"), float(answer.headers.get("Retry-After", 1))
        super().__init__(f"{self.reason}: come back in {self.retry_after:.0f} s")


class Lease:
    def __init__(self, answer, sent):  # not from when the answer came: it may have been long on its way, or this process stopped meanwhile
        self.id, self.fencing, self.ends = answer["id"], answer["fencing"], sent + answer["waited"] + answer["expiresIn"]

    def is_held(self):  # ask before whatever cannot be undone
        return time.monotonic() < self.ends


class Leases:
    """Permits of one backend, by whichever of the gateways answers. Thread-safe; one object for each process will do."""
    def __init__(self, backend, gateways=("http://127.0.0.1:8080",), key=None, ttl=30):
        self.address, self.gateways, self.ttl, self.good = f"/admission/v1/backends/{backend}/leases", gateways, ttl, 0
        self.headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {})
        self.lock, self.held, self.renewer = threading.Lock(), {}, None

    @contextlib.contextmanager
    def lease(self, wait=10, **wanted):
        """Has permits while the block runs: wait and what else is wanted (weight, priority, tenant) as the API has it."""
        lease = Lease(*self._call("POST", "", {"ttl": self.ttl, "wait": wait, **wanted}, wait + 10))
        try:
            with self.lock:
                self.held[lease.id] = lease
                if not (self.renewer and self.renewer.is_alive()):  # none yet, or it was lost in a fork
                    self.renewer = threading.Thread(target=self._renew, daemon=True)
                    self.renewer.start()
            yield lease
        finally:
            self.held.pop(lease.id, None)
            with contextlib.suppress(*FAILURES, Refused):  # what cannot be given back ends by itself, after ttl
                self._call("DELETE", "/" + lease.id)

    def _renew(self):
        while time.sleep(self.ttl / 3) is None:
            leases = dict(self.held)
            with contextlib.suppress(*FAILURES, Refused):  # the next turn comes before they end
                answer, sent = self._call("POST", "/renew", {"ids": list(leases)}, self.ttl / 6) if leases else ({"results": []}, 0)
                for each in answer["results"]:
                    lease = leases[each["id"]]  # ended, unless it was renewed or nobody could say
                    lease.ends = sent + each["lease"]["expiresIn"] if each["status"] == 200 else 0 if each["status"] in (404, 410) else lease.ends

    def _call(self, method, path, body=None, timeout=10):
        start, failure = self.good, None
        for i in [(start + step) % len(self.gateways) for step in range(len(self.gateways))]:  # first the one that answered last
            sent = time.monotonic()
            try:
                data = json.dumps(body).encode() if body else None
                with urllib.request.urlopen(urllib.request.Request(self.gateways[i] + self.address + path, data, self.headers, method=method), timeout=timeout) as answer:
                    text, self.good = answer.read(), i
                    return json.loads(text or "null"), sent
            except urllib.error.HTTPError as error:
                failure = Refused(error) if error.code in (429, 503) else error
                if error.code != 503 or failure.reason not in ELSEWHERE:
                    break
            except FAILURES as error:
                failure = error  # another gateway may do it
        raise failure
