"""A backend's journal: what really was inside it, in one order over all of its processes.

Each request appends a line when its work starts and one when it ends. Appends to one file are atomic and ordered by
the kernel, so the greatest number of open requests in the file's order is exact, and it counts requests whose client
has left as well. The end is written before the answer is sent: whoever reacts to the answer cannot seem too early.

    S|E <id> <monotonic ns> <pid> <connections that wait in the listener's queue>
"""
import contextlib
import os
import socket
import time

_file = os.open(os.environ["ADMISSION_JOURNAL"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
_UNACKED = slice(24, 28)  # tcp_info.tcpi_unacked; of a listening socket: connections not yet accepted

listener = None


def _pending():
    if listener is None:
        return 0
    return int.from_bytes(listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)[_UNACKED], "little")


def _write(kind, request):
    os.write(_file, b"%s %s %d %d %d\n" % (kind, request.encode(), time.monotonic_ns(), os.getpid(), _pending()))


@contextlib.contextmanager
def inside(request):
    _write(b"S", request)
    try:
        yield
    finally:
        _write(b"E", request)
