"""The tutorial of FastAPI, "OAuth2 with Password (and hashing), Bearer with JWT tokens", with PyJWT and pwdlib.

`BENCH_ALGORITHM` chooses HS256 (as in the tutorial), RS256 or ES256. `BENCH_LOGIN=def` makes the login route a `def`.
"""

import os
import secrets
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from fastapi import Depends, FastAPI, HTTPException, status
from fastapi.security import OAuth2PasswordBearer, OAuth2PasswordRequestForm
from jwt.exceptions import InvalidTokenError
from pwdlib import PasswordHash
from pydantic import BaseModel

PEER = {
    "title": "docs tutorial, PyJWT",
    "environment": "tutorial",
    "documented": "FastAPI tutorial, OAuth2 with Password (and hashing), Bearer with JWT tokens",
    "loads": ["protected", "login"],
}

ALGORITHM = os.environ.get("BENCH_ALGORITHM", "HS256")
ACCESS_TOKEN_EXPIRE_MINUTES = 60


def new_keys() -> tuple[Any, Any]:
    if ALGORITHM == "HS256":
        secret = secrets.token_hex(32)
        return secret, secret
    private = ec.generate_private_key(ec.SECP256R1()) if ALGORITHM == "ES256" else rsa.generate_private_key(65537, 2048)
    return private, private.public_key()


SIGNING_KEY, VERIFYING_KEY = new_keys()
password_hash = PasswordHash.recommended()
fake_users_db = {
    "johndoe": {"username": "johndoe", "hashed_password": password_hash.hash("bench-password"), "disabled": False}
}
DUMMY_HASH = password_hash.hash("dummypassword")


class Token(BaseModel):
    access_token: str
    token_type: str


class TokenData(BaseModel):
    username: str | None = None


class User(BaseModel):
    username: str
    disabled: bool | None = None


class UserInDB(User):
    hashed_password: str


oauth2_scheme = OAuth2PasswordBearer(tokenUrl="token")
app = FastAPI()


def get_user(db: dict[str, Any], username: str | None) -> UserInDB | None:
    return UserInDB(**db[username]) if username in db else None


def authenticate_user(username: str, password: str) -> UserInDB | None:
    user = get_user(fake_users_db, username)
    if not user:
        password_hash.verify(password, DUMMY_HASH)
        return None
    return user if password_hash.verify(password, user.hashed_password) else None


def create_access_token(data: dict[str, Any]) -> str:
    expire = datetime.now(UTC) + timedelta(minutes=ACCESS_TOKEN_EXPIRE_MINUTES)
    return jwt.encode({**data, "exp": expire}, SIGNING_KEY, algorithm=ALGORITHM)


async def get_current_user(token: Annotated[str, Depends(oauth2_scheme)]) -> UserInDB:
    refused = HTTPException(
        status.HTTP_401_UNAUTHORIZED, "Could not validate credentials", {"WWW-Authenticate": "Bearer"}
    )
    try:
        payload = jwt.decode(token, VERIFYING_KEY, algorithms=[ALGORITHM])
        token_data = TokenData(username=payload.get("sub"))
    except InvalidTokenError:
        raise refused from None
    user = get_user(fake_users_db, token_data.username)
    if user is None:
        raise refused
    return user


async def get_current_active_user(current_user: Annotated[User, Depends(get_current_user)]) -> User:
    if current_user.disabled:
        raise HTTPException(status_code=400, detail="Inactive user")
    return current_user


def log_in(form_data: OAuth2PasswordRequestForm) -> Token:
    user = authenticate_user(form_data.username, form_data.password)
    if user is None:
        raise HTTPException(status.HTTP_401_UNAUTHORIZED, "Incorrect username or password")
    return Token(access_token=create_access_token({"sub": user.username}), token_type="bearer")


Form = Annotated[OAuth2PasswordRequestForm, Depends()]

if os.environ.get("BENCH_LOGIN") == "def":

    @app.post("/token")
    def login_in_a_thread(form_data: Form) -> Token:
        return log_in(form_data)

else:

    @app.post("/token")
    async def login_for_access_token(form_data: Form) -> Token:
        return log_in(form_data)


@app.get("/protected")
async def protected(current_user: Annotated[User, Depends(get_current_active_user)]) -> dict[str, str]:  # noqa: ARG001
    return {"hello": "world"}


@app.get("/unrelated")
async def unrelated() -> dict[str, str]:
    return {"hello": "world"}


@app.get("/bench/ready")
async def ready() -> dict[str, str]:
    return {}


@app.get("/bench/loads")
async def loads() -> dict[str, Any]:
    bearer = {"Authorization": f"Bearer {create_access_token({'sub': 'johndoe'})}"}
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    login = {"method": "POST", "path": "/token", "headers": form, "body": "username=johndoe&password=bench-password"}
    return {
        "protected": {
            "requests": [{"method": "GET", "path": "/protected", "headers": bearer}],
            "expected": '{"hello":"world"}',
        },
        "login": {"requests": [login], "check": "pattern", "expected": '"access_token":"ey', "protected": False},
    }
