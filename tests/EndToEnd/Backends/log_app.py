"""A service as many are: Flask, and for each request a connection of its own to the database, which writes a row."""
import os

import flask
import pymysql

app = flask.Flask(__name__)
DATABASE = {"host": "127.0.0.1", "port": int(os.environ["LOG_DATABASE_PORT"]), "user": "root", "database": "logs"}
HELD = float(os.environ["LOG_SECONDS"])


@app.route("/ready")
def ready():
    return "ready"


@app.route("/rows", methods=["POST"])
@app.route("/<any>/rows", methods=["POST"])
def write(any=None):
    """Writes the row in a transaction that has other things to do as well: the connection is held so long."""
    row = flask.request.get_json()
    with pymysql.connect(**DATABASE) as database:
        with database.cursor() as cursor:
            cursor.execute("INSERT INTO log_rows (name, message) VALUES (%s, %s)", (row["name"], row["message"]))
            cursor.execute("DO SLEEP(%s)", (HELD,))
        database.commit()
    return {"name": row["name"]}, 201


@app.errorhandler(pymysql.err.OperationalError)
def failed(error):
    return {"error": str(error)}, 500
