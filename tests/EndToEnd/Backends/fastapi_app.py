"""A backend as many are: FastAPI with a blocking handler, which runs in a pool of 40 threads."""
import time

import fastapi
import journal

app = fastapi.FastAPI()


@app.get("/ready")
async def ready():
    return "ready"


@app.get("/work")
def work(id: str = "-", ms: float = 50):
    """Works for `ms` milliseconds; answers with the request's `id`."""
    with journal.inside(id):
        time.sleep(ms / 1000)
    return {"id": id}
