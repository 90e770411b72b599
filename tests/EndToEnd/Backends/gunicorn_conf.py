"""gunicorn's settings beyond the command line: tells the journal which socket listens."""


def post_worker_init(worker):
    import journal  # on the path only once the worker has changed into this folder

    journal.listener = worker.sockets[0].sock
