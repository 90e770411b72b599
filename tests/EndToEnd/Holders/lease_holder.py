"""A program that holds leases, for the fault run: with the client of samples/python, at whichever gateway answers.

Some threads hold leases of the first backend, and as long as one holds a lease it has a session at the database. One more thread holds the only lease of the second backend, and writes to the
database with its fencing token. What counts is what the database says; what it cannot know is in a journal that all holders append to, a line for each answer:

    kind  monotonic ns  holder  backend  lease  ...
    G     a lease was granted: asked, epoch, number, waited ns, expires in ns, gateway
    R     a renewal was answered: sent, status, expires in ns
    L     its holder saw that it has ended, and stopped
    E     it is given back: from here on it may be anybody's, whoever answers, or dies before that
    D     its release was answered: sent, status
    N     there was none: the reason       F: nobody answered: what, the failure       C: the database has ended the session: its code
"""
import os
import random
import signal
import socket
import threading
import time
import traceback

import psycopg2

import admission

NAME = os.environ["HOLDER_NAME"]
GATEWAYS = os.environ["ADMISSION_URLS"].split(",")
KEY = os.environ["ADMISSION_KEY"]
DATABASE = {"host": os.environ["DATABASE_SOCKETS"], "port": int(os.environ["DATABASE_PORT"]), "dbname": "postgres"}
WAIT = 2
SHARE_THAT_MOVES = 0.2  # of the calls: to another gateway than the last one's
STATEMENT = 0.2
END_BOUND = 10

stop = threading.Event()
journal = os.open(os.environ["HOLDER_JOURNAL"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
random.seed(int(os.environ["HOLDER_SEED"]))


def note(kind, backend, lease, *more):
    os.write(journal, (" ".join(str(each) for each in (kind, time.monotonic_ns(), NAME, backend, lease, *more)) + "\n").encode())


def nanoseconds(seconds):
    return round(seconds * 1e9)


class RecordedLeases(admission.Leases):
    """The sample's client, with a note of what it was answered."""

    def __init__(self, backend, ttl):
        super().__init__(backend, GATEWAYS, KEY, ttl)
        self.backend = backend

    def _call(self, method, path, body=None, timeout=10):
        if random.random() < SHARE_THAT_MOVES:
            self.good = random.randrange(len(self.gateways))
        begun = time.monotonic_ns()
        if method == "DELETE":
            note("E", self.backend, path[1:])
        try:
            answer, sent = super()._call(method, path, body, timeout)
        except (*admission.FAILURES, admission.Refused) as failure:
            self._note_failure(method, path, begun, failure)
            raise
        self._note_answer(method, path, nanoseconds(sent), answer)
        return answer, sent

    def _note_answer(self, method, path, sent, answer):
        if method == "DELETE":
            note("D", self.backend, path[1:], sent, 204)
        elif path == "/renew":
            for each in answer["results"]:
                note("R", self.backend, each["id"], sent, each["status"], nanoseconds(each["lease"]["expiresIn"]) if each["status"] == 200 else 0)
        else:
            token = answer["fencing"]
            note("G", self.backend, answer["id"], sent, token["epoch"], token["number"], nanoseconds(answer["waited"]), nanoseconds(answer["expiresIn"]), self.good)

    def _note_failure(self, method, path, sent, failure):
        status = 503 if isinstance(failure, admission.Refused) else getattr(failure, "code", 0)
        reason = failure.reason if status == 503 else status or type(failure).__name__
        if method == "DELETE":
            note("D", self.backend, path[1:], sent, status)
        elif path == "" and status:
            note("N", self.backend, "-", reason)
        else:
            note("F", self.backend, "-", "renew" if path else "take", reason)


class Session:
    """A session at the database that ends for certain: the server closes its socket last, when it has forgotten the session."""

    def __init__(self, user):
        self.session = psycopg2.connect(user=user, **DATABASE)
        self.session.autocommit = True
        self.wire = socket.socket(fileno=os.dup(self.session.fileno()))

    def ask(self, statement, *values):
        with self.session.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchone()[0]

    def end(self):
        self.session.close()
        self.wire.settimeout(END_BOUND)
        try:
            while self.wire.recv(4096):
                pass
        except ConnectionResetError:
            pass  # as good as an end
        except TimeoutError as late:
            raise RuntimeError("the database does not end a session") from late  # no OSError: nobody is to take it for a gateway's
        finally:
            self.wire.close()


def keep(leases, use):
    """Has a lease, and then the next one."""
    while not stop.is_set():
        try:
            with leases.lease(wait=WAIT) as lease:
                hold(leases, lease, use)
        except (*admission.FAILURES, admission.Refused):
            stop.wait(random.uniform(0.1, 0.3))


def hold(leases, lease, use):
    """Has a session for as long as the lease is held and there is something to do."""
    user, longest, step = use
    until = time.monotonic() + longest()
    if not lease.is_held():
        return note("L", leases.backend, lease.id)
    session = None
    try:
        session = Session(user)
        while time.monotonic() < until and not stop.is_set():
            if not lease.is_held():
                return note("L", leases.backend, lease.id)
            if not step(session, lease):
                return None
    except (psycopg2.OperationalError, psycopg2.InterfaceError) as ended:
        note("C", leases.backend, lease.id, ended.pgcode or "-")
    finally:
        if session is not None:
            session.end()


def work(session, lease):
    session.ask("SELECT pg_sleep(%s)", STATEMENT)
    return True


def write(session, lease):
    time.sleep(STATEMENT)  # what it has to do between the look at its lease and the write: one that is stopped here writes too late
    return session.ask("SELECT write_fenced(%s, %s, %s)", lease.fencing["number"], NAME, lease.id)


def length_of_session():
    """Most are short, some are renewed, a few last longer than their lease."""
    share = random.random()
    return random.uniform(0.2, 1.2) if share < 0.85 else random.uniform(3, 5) if share < 0.97 else random.uniform(12, 18)


def length_of_writing():
    return random.uniform(0.5, 3) if random.random() < 0.9 else random.uniform(7, 10)


def fail(failure):
    """A thread that ends unexpectedly is the program's end: the run sees it."""
    traceback.print_exception(failure.exc_type, failure.exc_value, failure.exc_traceback)
    os._exit(1)


def main():
    threading.excepthook = fail
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    sessions = RecordedLeases(os.environ["SESSIONS"], float(os.environ["SESSIONS_TTL"]))
    writing = RecordedLeases(os.environ["WRITER"], float(os.environ["WRITER_TTL"]))
    threads = [threading.Thread(target=keep, args=(sessions, ("leased", length_of_session, work))) for _ in range(int(os.environ["SESSIONS_THREADS"]))]
    threads.append(threading.Thread(target=keep, args=(writing, ("writer", length_of_writing, write))))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


main()
