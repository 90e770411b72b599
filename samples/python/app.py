"""A Flask application of several gunicorn workers that together never have more than 20 connections to MariaDB open.

    DATABASE_PORT=3306 gunicorn --workers 4 --threads 50 --preload app:app

It needs a gateway at http://127.0.0.1:8080, or those of ADMISSION_URLS, with a backend "connections" of Limit 20, as docs/leases.md has one called "db".
"""
import os

import flask
import pymysql

import admission

app = flask.Flask(__name__)
database = {"host": "127.0.0.1", "port": int(os.environ["DATABASE_PORT"]), "user": "root"}
connections = admission.Leases("connections", os.environ.get("ADMISSION_URLS", "http://127.0.0.1:8080").split(","), ttl=10)


@app.route("/ready")
def ready():
    return "ready"


@app.route("/query")
def query():
    with connections.lease(wait=30) as lease:
        if not lease.is_held():  # this process was stopped for longer than the lease lasts
            return {"error": "the lease has ended; try again"}, 503, {"Retry-After": "1"}
        session = pymysql.connect(**database)
        try:
            with session.cursor() as cursor:
                cursor.execute("SELECT SLEEP(0.05)")
        finally:
            end(session)
    return {"waited": True, "lease": lease.fencing}


@app.errorhandler(admission.Refused)
def refused(error):
    return {"error": str(error)}, 503, {"Retry-After": f"{error.retry_after:.0f}"}


def end(session):
    """Ends a session and waits for the server to do so: close() alone returns while the server still counts the connection."""
    socket = session._sock
    session._write_bytes(b"\x01\x00\x00\x00\x01")  # COM_QUIT
    while socket.recv(1024):
        pass
    session._force_close()
