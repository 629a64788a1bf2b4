import asyncio
import logging
from datetime import UTC, datetime, timedelta

import pytest

from watchword.core.models.events import Event, KeyRotated, LoginRefused, RolesChanged, UserDeleted, UserSignedUp
from watchword.flows.events import EventBus, audit_record

NOW = datetime(2030, 1, 1, tzinfo=UTC)
DELETED = UserDeleted(at=NOW, user_id="u")
SIGNED_UP = UserSignedUp(at=NOW, user_id="u", username="ada")


async def test_a_handler_hears_its_type_and_no_other():
    bus, heard = EventBus(), []

    @bus.on(UserDeleted)
    async def forget(event):
        heard.append(event)

    bus.publish(SIGNED_UP)
    bus.publish(DELETED)
    await bus.drain()
    assert heard == [DELETED]
    assert forget is not None


async def test_a_handler_of_event_hears_everything_also_by_plain_call():
    bus, heard = EventBus(), []

    async def hear(event):
        heard.append(event)

    assert bus.on(Event)(hear) is hear
    for event in (SIGNED_UP, DELETED):
        bus.publish(event)
    await bus.drain()
    assert heard == [SIGNED_UP, DELETED]


async def test_a_failing_handler_is_logged_and_harms_nothing(caplog):
    bus, heard = EventBus(), []

    @bus.on(Event)
    async def fail(event):
        raise RuntimeError("the application's own mistake")

    @bus.on(Event)
    async def hear(event):
        heard.append(event)

    bus.publish(DELETED)
    await bus.drain()
    assert heard == [DELETED]
    (record,) = [record for record in caplog.records if record.name == "watchword.events"]
    assert "UserDeleted" in record.getMessage()
    assert record.exc_info is not None


async def test_publishing_waits_for_nobody_and_draining_for_all():
    bus, heard, gate = EventBus(), [], asyncio.Event()

    @bus.on(UserDeleted)
    async def slow(event):
        await gate.wait()
        bus.publish(SIGNED_UP)

    @bus.on(UserSignedUp)
    async def after(event):
        heard.append(event)

    bus.publish(DELETED)
    assert heard == []
    gate.set()
    await bus.drain()
    assert heard == [SIGNED_UP]


async def test_closing_waits_for_handlers_but_not_for_ever(caplog):
    bus, ends = EventBus(), []

    @bus.on(UserSignedUp)
    async def quick(event):
        await asyncio.sleep(0)
        ends.append("done")

    @bus.on(UserDeleted)
    async def hanging(event):
        try:
            await asyncio.Event().wait()
        finally:
            ends.append("cancelled")

    bus.publish(SIGNED_UP)
    await bus.close()
    assert (ends, caplog.text) == (["done"], "")
    bus.publish(DELETED)
    await bus.close(timedelta(milliseconds=50))
    assert ends == ["done", "cancelled"]
    assert "1 event handlers did not end" in caplog.text
    await bus.close()
    assert len(caplog.records) == 1


async def test_every_event_is_one_audit_record_of_ids(caplog):
    caplog.set_level(logging.INFO, "watchword.audit")
    EventBus().publish(SIGNED_UP)
    (record,) = [record for record in caplog.records if record.name == "watchword.audit"]
    assert (record.event, record.user_id, record.at) == ("UserSignedUp", "u", "2030-01-01T00:00:00+00:00")
    assert not hasattr(record, "username")


@pytest.mark.parametrize("char", ["\r", "\n", "\x1b", "\0", "\u2028", "\x85", "\u202e", "\ud800"])
def test_control_characters_are_escaped_in_the_audit_record(char):
    record = audit_record(LoginRefused(at=NOW, user_id=None, reason=f"a{char}b"))
    assert record["reason"].isprintable()
    assert record["reason"] == f"a{ascii(char)[1:-1]}b"
    assert record["user_id"] is None


def test_roles_and_times_are_flat_text():
    assert audit_record(RolesChanged(at=NOW, user_id="u", roles=("a", "b")))["roles"] == "('a', 'b')"
    assert audit_record(KeyRotated(at=NOW, kid="k", signs_from=NOW))["signs_from"] == "2030-01-01T00:00:00+00:00"
