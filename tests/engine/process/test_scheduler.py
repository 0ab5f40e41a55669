"""The scheduler alone, with fake processes: order, rejection, and no lost ticket."""

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cper_lod.core.errors import Problem
from cper_lod.engine.process import scheduler as scheduler_module
from cper_lod.engine.process.scheduler import (
    MAX_REMEMBERED,
    RETRY_AS_LONG,
    SHORT_CPU_TIME,
    DecayingUsage,
    QueryScheduler,
    Ticket,
    WaitQueue,
)
from cper_lod.engine.process.worker_process import WorkerProcess
from tests.support.properties import examples

LATER = SHORT_CPU_TIME + 0.001
"""Seconds after which a query counts as long."""


class FakeClock:
    """The clock of the scheduler, set by the test."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


class FakeChild:
    """A fake process that records what is done to it."""

    def __init__(self) -> None:
        self.ready = True
        self.killed = False
        self.low_priority = False
        self.references = 1
        self.can_restore = True
        self.starved = False
        self.cpu_time_before = 0.0

    def acquire_socket(self) -> None:
        """It is assigned to a query: CPU time used before does not count."""
        self.references += 1
        self.cpu_time_before = self.cpu_time()

    def release_socket(self) -> None:
        self.references -= 1

    def kill(self) -> None:
        self.killed = True

    def cpu_time(self) -> float:
        """It uses CPU time as the fake clock advances, unless it is starved."""
        return 7.0 if self.starved else time.monotonic()

    def lower_priority(self) -> None:
        self.low_priority = True

    def restore_priority(self) -> bool:
        self.low_priority = self.low_priority and not self.can_restore
        return not self.low_priority


class SchedulerHarness:
    """A scheduler with a fake process for each slot and a spare one; queries are identified by their text."""

    def __init__(self, slots: int, queue: int = 10, wait: float = 5, time_limit: float = 10) -> None:
        self.woken = 0
        self.notified: list[str] = []
        self.children: list[FakeChild] = []
        self.scheduler = QueryScheduler(slots, queue, wait, time_limit, self._wake)
        for _ in range(slots + 1):
            self.add_child()

    def _wake(self) -> None:
        self.woken += 1

    def add_child(self) -> FakeChild:
        """Add a new process, as the supervisor does."""
        child = FakeChild()
        self.children.append(child)
        self.scheduler.add(cast(WorkerProcess, child))
        return child

    def ticket(self, text: str = "ASK {}", client: str = "a", *, is_long: bool = False) -> Ticket:
        return Ticket(client, hash(text), text, lambda: self.notified.append(text), is_long)

    def acquire(self, text: str = "ASK {}", client: str = "a", *, is_long: bool = False) -> Ticket:
        ticket = self.ticket(text, client, is_long=is_long)
        self.scheduler.acquire(ticket)
        return ticket

    def tick(self, clock: FakeClock, seconds: float) -> None:
        """Let time pass, and have the scheduler look at its tickets."""
        clock.now += seconds
        self.scheduler.tick()

    def done(self, ticket: Ticket, *, reusable: bool = True) -> None:
        """Release a ticket; if its process was killed, replace it as the supervisor does."""
        child = cast(FakeChild, ticket.child)
        self.scheduler.release(ticket, reusable=reusable)
        if child.killed:
            self.scheduler.remove(cast(WorkerProcess, child))
            self.add_child()

    # Private: the scheduler shows only how many queries run and wait.

    @property
    def running(self) -> list[Ticket]:
        """The tickets that run."""
        return list(self.scheduler._running)

    @property
    def idle(self) -> list[WorkerProcess]:
        """The processes that no ticket has."""
        return list(self.scheduler._idle)

    @property
    def queues(self) -> tuple[WaitQueue, WaitQueue]:
        """The queues of short and of long tickets."""
        return self.scheduler._short, self.scheduler._long

    def slots_in_use(self) -> tuple[int, ...]:
        """Return how many short and how many long tickets have a slot."""
        return tuple(queue.running for queue in self.queues)

    def rejection(self, text: str = "ASK {}", client: str = "a", *, is_long: bool = False) -> str:
        with pytest.raises(Problem) as caught:
            self.acquire(text, client, is_long=is_long)
        return caught.value.kind.code


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    """A clock that stands still."""
    clock = FakeClock()
    monkeypatch.setattr(time, "monotonic", clock.monotonic)
    return clock


def test_a_free_slot_is_assigned_at_once_and_its_process_reused(clock: FakeClock) -> None:
    harness = SchedulerHarness(2)
    ticket = harness.ticket()
    assert harness.scheduler.acquire(ticket)
    assert (ticket.started, ticket.code, harness.notified) == (clock.now, "", [])
    child = cast(FakeChild, ticket.child)
    assert child.references == 2
    harness.done(ticket)
    assert (child.references, child.killed) == (1, False)
    assert harness.acquire().child is ticket.child


def test_the_client_with_the_least_usage_comes_first(clock: FakeClock) -> None:
    harness = SchedulerHarness(1)
    hungry = harness.acquire("first", "hungry")
    clock.now += 0.9
    harness.done(hungry)
    running = harness.acquire("running", "other")
    waiting = {client: harness.acquire(f"of {client}", client) for client in ("modest", "hungry")}
    harness.done(running)
    assert waiting["modest"].child
    assert not waiting["hungry"].child


def test_little_usage_does_not_lower_the_rank_of_a_light_query(clock: FakeClock) -> None:
    harness = SchedulerHarness(1)
    frequent = harness.acquire("ASK { }", "frequent")
    clock.now += 0.3
    harness.done(frequent)
    running = harness.acquire("running", "other")
    light = harness.acquire("ASK { ?s ?p ?o }", "frequent")
    heavy = harness.acquire("SELECT * { ?a ?b ?c . ?d ?e ?f }", "new")
    harness.done(running)
    assert light.child
    assert not heavy.child


def test_usage_decays(clock: FakeClock) -> None:
    usage = DecayingUsage()
    usage.add("a", 8, clock.now)
    assert usage.get("a", clock.now) == 8
    assert usage.get("a", clock.now + 10) == pytest.approx(4)
    assert usage.get("b", clock.now) == 0
    for number in range(MAX_REMEMBERED + 10):
        usage.add(f"c{number}", 1, clock.now)
    assert usage.get("a", clock.now) == 0
    remembered = [number for number in range(MAX_REMEMBERED + 10) if usage.get(f"c{number}", clock.now)]
    assert remembered == list(range(10, MAX_REMEMBERED + 10))


def test_the_lightest_then_newest_short_query_of_a_client_comes_first(clock: FakeClock) -> None:
    harness = SchedulerHarness(1)
    running = harness.acquire("running")
    texts = ["ASK { ?a ?b ?c }", "ASK { ?a ?b 1 }", "ASK { ?a ?b 2 }", "ASK { ?a ?a 3 }"]
    for text in texts:
        clock.now += 0.001
        harness.acquire(text)
    for expected in (texts[3], texts[2], texts[1], texts[0]):
        harness.done(running)
        assert harness.notified.pop() == expected
        (running,) = harness.running


def test_the_oldest_long_query_of_a_client_comes_first(clock: FakeClock) -> None:
    harness = SchedulerHarness(1)
    running = harness.acquire("running", is_long=True)
    for number in range(3):
        clock.now += 0.001
        harness.acquire(f"{number}", is_long=True)
    for number in range(3):
        harness.done(running)
        assert harness.notified.pop() == f"{number}"
        (running,) = harness.running


def test_one_slot_is_reserved_for_short_queries(clock: FakeClock) -> None:
    harness = SchedulerHarness(3)
    long = [harness.acquire(f"long {n}", is_long=True) for n in range(4)]
    assert [bool(ticket.child) for ticket in long] == [True, True, False, False]
    assert harness.acquire("short").child
    harness.done(long[0])
    assert long[2].child
    assert not long[3].child


def test_long_queries_can_use_the_only_slot(clock: FakeClock) -> None:
    harness = SchedulerHarness(1)
    first = harness.acquire("long", is_long=True)
    assert first.child
    short, long = harness.acquire("short"), harness.acquire("long too", is_long=True)
    harness.done(first)
    assert long.child, "short ones never keep all long ones out"
    harness.done(long)
    assert short.child


def test_a_short_query_that_becomes_long_moves_to_a_long_slot(clock: FakeClock) -> None:
    harness = SchedulerHarness(2)
    ticket = harness.acquire()
    harness.tick(clock, LATER)
    assert (ticket.is_long, ticket.code, cast(FakeChild, ticket.child).low_priority) == (True, "", True)
    assert harness.slots_in_use() == (0, 1)
    harness.done(ticket)
    assert harness.slots_in_use() == (0, 0)
    assert not cast(FakeChild, ticket.child).low_priority


@pytest.mark.parametrize("seconds", [LATER, scheduler_module.SHORT_WALL_TIME + 0.001])
def test_a_query_without_cpu_is_short_until_it_had_long_enough(clock: FakeClock, seconds: float) -> None:
    harness = SchedulerHarness(2)
    for child in harness.children:
        child.starved = True
    ticket = harness.acquire()
    harness.tick(clock, seconds)
    assert (ticket.is_long, ticket.code) == (seconds > LATER, "")
    cast(FakeChild, ticket.child).starved = False  # it has used CPU time all the while
    harness.scheduler.tick()
    assert ticket.is_long


def test_a_short_query_that_becomes_long_is_killed_and_requeued_without_a_free_long_slot(clock: FakeClock) -> None:
    harness = SchedulerHarness(2)
    long = harness.acquire("long", is_long=True)
    ticket = harness.acquire("surprise")
    harness.tick(clock, LATER)
    assert (ticket.code, ticket.is_long, cast(FakeChild, ticket.child).killed) == (RETRY_AS_LONG, False, True)
    harness.done(ticket, reusable=False)
    again = harness.acquire("surprise", is_long=True)
    assert again.child is None
    assert harness.acquire("light").child, "its place is free for short ones"
    harness.done(long)
    assert again.child


def test_a_query_is_remembered_as_long_until_it_is_short(clock: FakeClock) -> None:
    harness = SchedulerHarness(2)
    for is_long in (False, True):
        ticket = harness.acquire("text")
        assert ticket.is_long is is_long
        harness.tick(clock, LATER)
        harness.done(ticket)
    ticket = harness.acquire("text")
    assert ticket.is_long
    clock.now += SHORT_CPU_TIME / 2
    harness.done(ticket)
    assert not harness.acquire("text").is_long


def test_the_number_of_remembered_queries_is_limited(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduler_module, "MAX_REMEMBERED", 3)
    harness = SchedulerHarness(2)
    for number in range(5):
        ticket = harness.acquire(f"{number}")
        harness.tick(clock, LATER)
        harness.done(ticket)
    known = []
    for number in range(5):
        ticket = harness.acquire(f"{number}")
        known.append(ticket.is_long)
        harness.done(ticket, reusable=False)
    assert known == [False, False, True, True, True]


def test_heavy_queries_of_an_often_misjudged_client_are_presumed_long(clock: FakeClock) -> None:
    harness = SchedulerHarness(2)
    harness.acquire("long", "other", is_long=True)
    heavy = "ASK { ?a ?b ?c . ?d ?e ?f }"
    assert not harness.ticket(heavy).is_long
    for number in range(scheduler_module.MAX_MISJUDGED + 1):
        ticket = harness.acquire(f"surprise {number}", is_long=False)
        harness.tick(clock, LATER)
        assert ticket.code == RETRY_AS_LONG
        harness.done(ticket, reusable=False)
    assert harness.acquire(heavy).is_long
    assert not harness.acquire("ASK { ?a ?b ?c }").is_long
    assert not harness.acquire(heavy, "another").is_long
    clock.now += 60
    assert not harness.acquire(heavy + " ").is_long


def test_a_full_queue_rejects_the_last_ticket(clock: FakeClock) -> None:
    harness = SchedulerHarness(1, queue=2)
    hungry = harness.acquire("used", "hungry")
    clock.now += 0.04
    harness.done(hungry)
    harness.acquire("running", "other")
    mine = [harness.acquire(f"hungry {n}", "hungry", is_long=False) for n in range(2)]
    modest = harness.acquire("modest", "modest")
    assert [ticket.code for ticket in (*mine, modest)] == ["query-queue", "", ""]
    assert harness.notified == ["hungry 0"]
    assert harness.rejection("hungry 2 ?a ?b", "hungry") == "query-queue"
    assert harness.notified == ["hungry 0"], "who is refused at once is not called"


def test_a_queue_of_size_zero(clock: FakeClock) -> None:
    harness = SchedulerHarness(1, queue=0)
    ticket = harness.acquire()
    assert ticket.child
    assert harness.rejection("other") == "query-queue"
    harness.done(ticket)
    assert harness.acquire("other").child


def test_waiting_for_a_process_to_start_does_not_count_as_queueing(clock: FakeClock) -> None:
    scheduler = QueryScheduler(2, 0, 5, 10, lambda: None)
    tickets = [Ticket("a", n, f"{n}") for n in range(2)]
    assert [scheduler.acquire(ticket) for ticket in tickets] == [False, False]
    with pytest.raises(Problem):
        scheduler.acquire(Ticket("a", 3, "?a ?b"))
    for _ in tickets:
        scheduler.add(cast(WorkerProcess, FakeChild()))
    assert all(ticket.child for ticket in tickets)


def test_waiting_is_limited(clock: FakeClock) -> None:
    harness = SchedulerHarness(1, wait=5)
    harness.acquire("running", is_long=True)
    early = harness.acquire("early")
    clock.now += 3
    late = harness.acquire("late", is_long=True)
    harness.tick(clock, 2)
    assert (early.code, late.code, harness.notified) == ("query-queue", "", ["early"])
    harness.tick(clock, 3)
    assert harness.notified == ["early", "late"]


def test_running_ends(clock: FakeClock) -> None:
    harness = SchedulerHarness(1, time_limit=10)
    ticket = harness.acquire()
    harness.tick(clock, 9.99)
    assert not ticket.code
    harness.tick(clock, 0.01)
    assert (ticket.code, cast(FakeChild, ticket.child).killed) == ("query-timeout", True)
    harness.done(ticket)
    assert harness.acquire("next").child is not ticket.child


def test_tick_returns_when_to_call_it_again(clock: FakeClock) -> None:
    harness = SchedulerHarness(2, wait=5, time_limit=10)
    assert harness.scheduler.tick() is None
    ticket = harness.acquire()
    assert harness.woken == 1
    assert harness.scheduler.tick() == pytest.approx(SHORT_CPU_TIME)
    clock.now += 0.02
    assert harness.scheduler.tick() == pytest.approx(SHORT_CPU_TIME - 0.02)
    clock.now += LATER - 0.02
    assert harness.scheduler.tick() == pytest.approx(SHORT_CPU_TIME), "who begins meanwhile is looked at in time"
    clock.now += 9.98 - LATER
    assert harness.scheduler.tick() == pytest.approx(0.02)
    harness.done(ticket)
    assert harness.scheduler.tick() is None
    harness.acquire("another")
    assert harness.woken == 2


def test_a_process_whose_priority_cannot_be_restored_is_replaced(clock: FakeClock) -> None:
    harness = SchedulerHarness(2)
    ticket = harness.acquire(is_long=True)
    cast(FakeChild, ticket.child).can_restore = False
    harness.scheduler.release(ticket, reusable=True)
    assert cast(FakeChild, ticket.child).killed
    assert ticket.child not in harness.idle


@pytest.mark.parametrize("reusable", [True, False])
def test_a_dead_process_is_not_assigned(clock: FakeClock, reusable: bool) -> None:
    harness = SchedulerHarness(1)
    ticket = harness.acquire()
    harness.scheduler.remove(cast(WorkerProcess, ticket.child))
    harness.scheduler.release(ticket, reusable=reusable)
    assert ticket.child not in harness.idle
    for child in harness.idle:
        harness.scheduler.remove(child)
    assert harness.acquire("next").child is None
    harness.add_child()
    assert harness.notified == ["next"]


def test_release_while_waiting_and_release_twice(clock: FakeClock) -> None:
    harness = SchedulerHarness(1)
    running, waiting = harness.acquire("running"), harness.acquire("waiting")
    harness.scheduler.release(waiting, reusable=False)
    harness.done(running)
    assert (waiting.child, harness.notified) == (None, [])
    harness.scheduler.release(running, reusable=True)
    assert (harness.slots_in_use(), harness.running) == ((0, 0), [])
    assert len(harness.idle) == 2


def test_close_rejects_waiting_and_later_tickets(clock: FakeClock) -> None:
    harness = SchedulerHarness(1)
    running, short, long = (
        harness.acquire("running"),
        harness.acquire("short"),
        harness.acquire("long", is_long=True),
    )
    harness.scheduler.close()
    assert (short.code, long.code, running.code) == ("query-queue", "query-queue", "")
    assert sorted(harness.notified) == ["long", "short"]
    assert harness.rejection("later") == "query-queue"
    harness.scheduler.release(running, reusable=True)


class Driver:
    """Applies random events, and checks invariants after each."""

    def __init__(self, slots: int, queue: int) -> None:
        self.harness = SchedulerHarness(slots, queue)
        self.slots = slots
        self.tickets: list[Ticket] = []
        self.done: list[Ticket] = []
        self.missing_children = 0

    def step(self, kind: str, number: int, clock: FakeClock) -> None:
        present = [ticket for ticket in self.tickets if ticket not in self.done]
        match kind:
            case "acquire":
                ticket = self.harness.ticket(
                    f"ASK {{ {'?a' * (number % 3)} {number % 7} }}", f"{number % 4}", is_long=number % 5 == 0
                )
                self.tickets.append(ticket)
                try:
                    self.harness.scheduler.acquire(ticket)
                except Problem:
                    self.done.append(ticket)
            case "release" if present:
                self.release(present[number % len(present)], reusable=number % 3 > 0)
            case "tick":
                clock.now += number / 1000
                self.harness.scheduler.tick()
                for ticket in present:
                    if ticket.code:  # rejected, or its process was killed
                        self.release(ticket, reusable=False)
            case "start" if self.missing_children:
                self.missing_children -= 1
                self.harness.add_child()
            case "exit" if self.harness.idle:
                self.harness.scheduler.remove(self.harness.idle[0])
                self.missing_children += 1

    def release(self, ticket: Ticket, *, reusable: bool) -> None:
        child = cast("FakeChild | None", ticket.child)
        self.harness.scheduler.release(ticket, reusable=reusable)
        self.done.append(ticket)
        if child and child.killed:
            self.harness.scheduler.remove(cast(WorkerProcess, child))
            self.missing_children += 1

    def check(self) -> None:
        short, long = self.harness.queues
        waiting = [*short.waiting, *long.waiting]
        running, idle = self.harness.running, self.harness.idle
        assert short.running + long.running == len(running) <= self.slots
        assert long.running <= max(1, self.slots - 1)
        assert len({id(ticket.child) for ticket in running}) == len(running), "no child has two queries"
        assert not {id(ticket.child) for ticket in running} & set(map(id, idle))
        assert not [ticket for ticket in running if ticket in waiting]
        for ticket in self.tickets:
            assert (ticket in running) + (ticket in waiting) + bool(ticket.code) + (ticket in self.done) >= 1, (
                "nobody is lost"
            )
        if idle and len(running) < self.slots:
            assert not short.waiting, "nobody waits beside a place that is free"
            assert not long.waiting or long.running == max(1, self.slots - 1)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["acquire", "acquire", "acquire", "release", "release", "tick", "start", "exit"]),
        st.integers(0, 200),
    ),
    max_size=60,
)


@settings(max_examples=examples(150))
@given(slots=st.integers(1, 4), queue=st.integers(0, 5), steps=STEPS)
def test_any_sequence_of_events(slots: int, queue: int, steps: list[tuple[str, int]]) -> None:
    clock = FakeClock()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "monotonic", clock.monotonic)
        driver = Driver(slots, queue)
        for kind, number in steps:
            driver.step(kind, number, clock)
            driver.check()
        for _ in range(len(driver.tickets) + driver.missing_children + 1):  # finish all tickets
            while driver.missing_children:
                driver.step("start", 0, clock)
            driver.step("release", 1, clock)
            driver.check()
        assert not driver.harness.running
        assert not [ticket for ticket in driver.tickets if ticket not in driver.done and not ticket.code]


def run(harness: SchedulerHarness, number: int) -> str:
    """Run a query in a thread as the engine does; return how it ended."""
    notified = threading.Event()
    ticket = Ticket(f"{number % 3}", number % 11, "ASK {}", notified.set, is_long=number % 4 == 0)
    try:
        if not harness.scheduler.acquire(ticket) and not notified.wait(5):
            return "lost"
    except Problem as problem:
        return problem.kind.code
    try:
        if ticket.child is None:
            return ticket.code or "nothing"
        time.sleep(random.random() / 1000)  # noqa: S311
        return "ran"
    finally:
        child = cast("FakeChild | None", ticket.child)
        harness.scheduler.release(ticket, reusable=number % 5 > 0)
        if child and child.killed:
            harness.scheduler.remove(cast(WorkerProcess, child))
            harness.add_child()


def test_many_concurrent_threads() -> None:
    harness = SchedulerHarness(3, queue=40, wait=5)
    stop = threading.Event()

    def call_tick() -> None:
        while not stop.wait(0.001):
            harness.scheduler.tick()

    ticker = threading.Thread(target=call_tick)
    ticker.start()
    try:
        with ThreadPoolExecutor(16) as pool:
            ends = list(pool.map(partial(run, harness), range(1200)))
    finally:
        stop.set()
        ticker.join()
    assert set(ends) == {"ran"}
    assert (harness.running, len(harness.idle)) == ([], 4)


def test_a_ticket_is_notified_once() -> None:
    """`acquire` returns whether a process was assigned at once; if that were read later, the ticket would be notified too."""
    for _ in range(300):
        harness = SchedulerHarness(1)
        first = harness.acquire("first")
        notifications: list[int] = []
        ticket = Ticket("a", 1, "second", lambda notifications=notifications: notifications.append(1))  # type: ignore[misc]
        freeing = threading.Thread(target=harness.scheduler.release, args=(first,), kwargs={"reusable": True})
        freeing.start()
        at_once = harness.scheduler.acquire(ticket)
        freeing.join()
        assert ticket.child
        assert len(notifications) == (0 if at_once else 1)
