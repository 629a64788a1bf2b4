"""The base of most ratios: the same handlers and the same response type, protected by nothing."""

from fastapi import FastAPI

PEER = {"title": "bare FastAPI", "environment": "tutorial", "documented": "FastAPI, first steps", "loads": []}

app = FastAPI()


@app.get("/protected")
@app.get("/principal")
@app.get("/user")
async def hello() -> dict[str, str]:
    return {"hello": "world"}


@app.get("/bench/ready")
async def ready() -> dict[str, str]:
    return {}
