"""What a serving process has loaded, for that is most of its memory while it is idle."""

import subprocess
import sys

SERVED = """
import asyncio, sys
from fastapi import FastAPI
from watchword import Auth

async def main():
    app = FastAPI()
    Auth().install(app)
    async with app.router.lifespan_context(app):
        print(*sorted(sys.modules))

asyncio.run(main())
"""
NOT_NEEDED = {
    "aiosqlite",
    "alembic",
    "asyncpg",
    "difflib",
    "httpx2",
    "jinja2",
    "limits",
    "passlib",
    "pymongo",
    "redis",
    "rich",
    "sqlalchemy.dialects.mysql",
    "sqlalchemy.dialects.postgresql",
    "sqlalchemy.ext.asyncio",
    "sqlalchemy.orm",
    "typer",
}


def loaded(directory):
    environment = {"PATH": "/usr/bin:/bin", "WATCHWORD_DATABASE_URL": "sqlite:///served.db"}
    command = [sys.executable, "-c", SERVED]
    done = subprocess.run(command, cwd=directory, env=environment, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_an_application_over_sqlite_loads_what_it_needs_and_no_more(tmp_path):
    first, second = loaded(tmp_path), loaded(tmp_path)
    assert {"alembic", "sqlalchemy", "watchword.stores.sql"} <= first
    assert NOT_NEEDED & second == set()
    assert {"argon2", "cryptography", "sqlalchemy", "watchword.stores.sql"} <= second
