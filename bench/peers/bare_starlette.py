"""How much of the bare FastAPI route is FastAPI's own: the same answer by Starlette alone."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

PEER = {
    "title": "bare Starlette",
    "environment": "tutorial",
    "documented": "Starlette, introduction",
    "loads": ["unprotected"],
}


async def hello(request: Request) -> JSONResponse:  # noqa: ARG001  the signature of an endpoint
    return JSONResponse({"hello": "world"})


async def loads(request: Request) -> JSONResponse:  # noqa: ARG001
    one = {"requests": [{"method": "GET", "path": "/protected"}], "expected": '{"hello":"world"}', "protected": False}
    return JSONResponse({"unprotected": one})


app = Starlette(routes=[Route("/protected", hello), Route("/bench/ready", hello), Route("/bench/loads", loads)])
