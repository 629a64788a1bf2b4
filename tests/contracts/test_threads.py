"""Jobs on threads: each once, in order, answered on its own loop, never behind one that is stuck for long."""

import asyncio
import threading

import pytest

from watchword.core.errors import StoreUnavailable
from watchword.stores.sql import threads
from watchword.stores.sql.threads import Crew

NOTHING = None
"""What the functions of these tests are given in place of a transaction."""


def run(jobs):
    for job in jobs:
        try:
            job.finish(job.work(NOTHING))
        except Exception as error:  # noqa: BLE001
            job.fail(error)


def crew_of(most, run=run, at_once=1):
    return Crew(run, threads=most, at_once=at_once, name="test")


@pytest.fixture
def crew():
    opened = crew_of(3)
    yield opened
    opened.close()


def here(_):
    return threading.current_thread()


async def test_a_function_runs_on_another_thread_and_its_answer_comes_back(crew):
    assert await crew.ask(here) is not threading.current_thread()


async def test_what_it_raises_comes_back(crew):
    def work(_):
        raise KeyError("canary")

    with pytest.raises(KeyError, match="canary"):
        await crew.ask(work)
    assert await crew.ask(lambda _: 1) == 1


async def test_many_are_all_answered_each_with_its_own_answer(crew):
    answers = await asyncio.gather(*(crew.ask(lambda _, n=n: n) for n in range(1000)))
    assert answers == list(range(1000))


async def test_one_thread_is_enough_for_what_is_quick(crew):
    found = await asyncio.gather(*(crew.ask(here) for _ in range(100)))
    assert len(set(found)) == 1


async def test_those_behind_one_that_is_stuck_are_taken_by_another_thread(crew):
    free = threading.Event()
    stuck = asyncio.create_task(crew.ask(lambda _: free.wait(10)))
    async with asyncio.timeout(5):
        assert await asyncio.gather(*(crew.ask(lambda _, n=n: n) for n in range(10))) == list(range(10))
    assert not stuck.done()
    free.set()
    assert await stuck is True


async def test_there_are_never_more_threads_than_allowed(crew):
    free, running, three = threading.Event(), [], threading.Barrier(4)

    def work(_):
        running.append(threading.current_thread())
        if len(running) <= 3:
            three.wait(10)
        return free.wait(10)

    tasks = [asyncio.create_task(crew.ask(work)) for _ in range(10)]
    await asyncio.to_thread(three.wait, 10)
    await asyncio.wait(tasks, timeout=3 * threads.PATIENCE)
    assert (len(running), len(set(running))) == (3, 3)
    free.set()
    assert await asyncio.gather(*tasks) == [True] * 10


async def test_those_that_wait_are_taken_together_and_in_order():
    taken, busy, free = [], threading.Event(), threading.Event()

    def together(jobs):
        taken.append(len(jobs))
        busy.set()
        run(jobs)

    crew, order = crew_of(1, together, at_once=4), []
    first = asyncio.create_task(crew.ask(lambda _: free.wait(10)))
    await asyncio.to_thread(busy.wait, 10)
    tasks = [asyncio.create_task(crew.ask(lambda _, n=n: order.append(n))) for n in range(6)]
    await asyncio.sleep(0)
    free.set()
    await asyncio.gather(first, *tasks)
    assert (taken, order) == ([1, 4, 2], list(range(6)))
    crew.close()


async def test_one_whose_caller_has_gone_before_its_turn_is_not_run():
    crew, ran, busy, free = crew_of(1), [], threading.Event(), threading.Event()

    def hold(_):
        busy.set()
        free.wait(10)

    holding = asyncio.create_task(crew.ask(hold))
    await asyncio.to_thread(busy.wait, 10)
    gone, kept = [asyncio.create_task(crew.ask(lambda _, name=name: ran.append(name))) for name in ("gone", "kept")]
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.sleep(0)
    free.set()
    await asyncio.gather(holding, kept)
    assert ran == ["kept"]
    crew.close()


async def test_one_whose_caller_goes_while_it_runs_is_finished_and_its_answer_dropped(crew):
    busy, free, done = threading.Event(), threading.Event(), threading.Event()

    def work(_):
        busy.set()
        free.wait(10)
        done.set()

    task = asyncio.create_task(crew.ask(work))
    await asyncio.to_thread(busy.wait, 10)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    free.set()
    assert await asyncio.to_thread(done.wait, 10)
    assert await crew.ask(lambda _: 1) == 1


def test_loops_of_several_threads_get_their_own_answers():
    crew, found = crew_of(3), {}

    async def ask(name):
        for n in range(300):
            assert await crew.ask(lambda _, n=n: (name, n)) == (name, n)
        found[name] = True

    callers = [threading.Thread(target=asyncio.run, args=(ask(name),)) for name in "abc"]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(30)
    assert found == dict.fromkeys("abc", True)
    crew.close()


def test_a_loop_that_ended_meanwhile_harms_nobody():
    crew, busy, free = crew_of(1), threading.Event(), threading.Event()

    def work(_):
        busy.set()
        free.wait(10)

    async def leave():
        task = asyncio.create_task(crew.ask(work))
        await asyncio.to_thread(busy.wait, 10)
        task.cancel()

    asyncio.run(leave())
    free.set()
    assert asyncio.run(asyncio.wait_for(crew.ask(lambda _: 1), 5)) == 1
    crew.close()


async def test_closing_waits_for_what_was_asked_for_and_refuses_what_comes_later():
    crew = crew_of(1)
    asked = [asyncio.create_task(crew.ask(lambda _, n=n: n)) for n in range(5)]
    await asyncio.sleep(0)
    await asyncio.to_thread(crew.close)
    assert await asyncio.gather(*asked) == list(range(5))
    with pytest.raises(StoreUnavailable, match="closed"):
        await crew.ask(lambda _: 1)
    crew.close()
