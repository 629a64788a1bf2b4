"""The tutorial of FastAPI as it was until 2024: the same dependencies, with python-jose and HS256."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, status
from fastapi.security import OAuth2PasswordBearer
from jose import JWTError, jwt
from pydantic import BaseModel

PEER = {
    "title": "docs tutorial, python-jose HS256",
    "environment": "tutorial",
    "documented": "FastAPI tutorial before PyJWT, OAuth2 with Password (and hashing), Bearer with JWT tokens",
    "loads": ["protected"],
}

SECRET_KEY = secrets.token_hex(32)
ALGORITHM = "HS256"
fake_users_db = {"johndoe": {"username": "johndoe", "disabled": False}}


class TokenData(BaseModel):
    username: str | None = None


class User(BaseModel):
    username: str
    disabled: bool | None = None


oauth2_scheme = OAuth2PasswordBearer(tokenUrl="token")
app = FastAPI()


async def get_current_user(token: Annotated[str, Depends(oauth2_scheme)]) -> User:
    refused = HTTPException(
        status.HTTP_401_UNAUTHORIZED, "Could not validate credentials", {"WWW-Authenticate": "Bearer"}
    )
    try:
        payload = jwt.decode(token, SECRET_KEY, algorithms=[ALGORITHM])
        token_data = TokenData(username=payload.get("sub"))
    except JWTError:
        raise refused from None
    if token_data.username not in fake_users_db:
        raise refused
    return User(**fake_users_db[token_data.username])


async def get_current_active_user(current_user: Annotated[User, Depends(get_current_user)]) -> User:
    if current_user.disabled:
        raise HTTPException(status_code=400, detail="Inactive user")
    return current_user


@app.get("/protected")
async def protected(current_user: Annotated[User, Depends(get_current_active_user)]) -> dict[str, str]:  # noqa: ARG001
    return {"hello": "world"}


@app.get("/bench/ready")
async def ready() -> dict[str, str]:
    return {}


@app.get("/bench/loads")
async def loads() -> dict[str, Any]:
    token = jwt.encode({"sub": "johndoe", "exp": datetime.now(UTC) + timedelta(hours=1)}, SECRET_KEY, ALGORITHM)
    request = {"method": "GET", "path": "/protected", "headers": {"Authorization": f"Bearer {token}"}}
    return {"protected": {"requests": [request], "expected": '{"hello":"world"}'}}
