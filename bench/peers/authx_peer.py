"""AuthX, as its first page shows it: an access token in the header, HS256."""

import secrets
from typing import Any

from authx import AuthX, AuthXConfig
from fastapi import Depends, FastAPI

PEER = {"title": "AuthX", "environment": "authx", "documented": "AuthX, get started", "loads": ["protected"]}

config = AuthXConfig(JWT_ALGORITHM="HS256", JWT_SECRET_KEY=secrets.token_hex(32), JWT_TOKEN_LOCATION=["headers"])
auth = AuthX(config=config)
app = FastAPI()
auth.handle_errors(app)


@app.get("/protected", dependencies=[Depends(auth.access_token_required)])
async def protected() -> dict[str, str]:
    return {"hello": "world"}


@app.get("/bench/ready")
async def ready() -> dict[str, str]:
    return {}


@app.get("/bench/loads")
async def loads() -> dict[str, Any]:
    bearer = {"Authorization": f"Bearer {auth.create_access_token(uid='johndoe')}"}
    request = {"method": "GET", "path": "/protected", "headers": bearer}
    return {"protected": {"requests": [request], "expected": '{"hello":"world"}'}}
