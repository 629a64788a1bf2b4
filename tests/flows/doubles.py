"""Stores that behave badly on purpose, around good ones."""

import asyncio
from dataclasses import fields, replace

from watchword.core.errors import StoreUnavailable

NOUNS = (
    *("users", "roles", "invites", "sessions", "clients", "families", "keys", "revocations"),
    *("browsers", "codes", "devices", "consents", "once"),
)


class Wrapped:
    """A store whose methods pass through `around(noun, verb, call)`, an async function that may call or not."""

    def __init__(self, noun, store, around):
        self._noun, self._store, self._around = noun, store, around

    def __getattr__(self, verb):
        method = getattr(self._store, verb)

        async def call(*args, **kwargs):
            return await self._around(self._noun, verb, lambda: method(*args, **kwargs))

        return call


def wrap(stores, around):
    assert {field.name for field in fields(stores)} >= set(NOUNS)
    return replace(stores, **{noun: Wrapped(noun, getattr(stores, noun), around) for noun in NOUNS})


async def yielding(noun, verb, call):
    """Let every other task run before and after each step, so that races happen."""
    await asyncio.sleep(0)
    answer = await call()
    await asyncio.sleep(0)
    return answer


class Outage:
    """A database that goes away: `down` holds the (noun, verb) pairs that fail; `(noun, '*')` and `'*'` are wild."""

    def __init__(self):
        self.down = set()

    async def __call__(self, noun, verb, call):
        if self.down & {"*", (noun, "*"), (noun, verb)}:
            raise StoreUnavailable(hint="the test pulled the plug")
        return await call()


class Interruption:
    """Runs something once, just after (or before) a step, as another request would."""

    def __init__(self):
        self.after = {}
        self.before = {}

    async def __call__(self, noun, verb, call):
        await self._run(self.before, noun, verb)
        answer = await call()
        await self._run(self.after, noun, verb)
        return answer

    async def _run(self, hooks, noun, verb):
        hook = hooks.pop((noun, verb), None)
        if hook is not None:
            await hook()
