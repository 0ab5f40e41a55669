"""The lanes alone, with children that are no processes: who comes next, who has to go, and that nobody is forgotten."""

import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cper_lod.core.errors import Problem
from cper_lod.engine.process import scheduler as lanes_module
from cper_lod.engine.process import scheduler as turns_module
from cper_lod.engine.process.scheduler import (
    MAX_REMEMBERED,
    RETRY_AS_LONG,
    SHORT_CPU_TIME,
    DecayingUsage,
    QueryScheduler,
    Ticket,
)
from cper_lod.engine.process.worker_process import WorkerProcess

LATER = SHORT_CPU_TIME + 0.001
"""Seconds after which a short query is seen to be a long one."""


class Clock:
    """The clock that the lanes look at; a test turns it."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


class FakeChild:
    """A child without a process: it notes what is done to it."""

    def __init__(self) -> None:
        self.ready = True
        self.killed = False
        self.back = False
        self.users = 1
        self.may_come_forward = True
        self.idles = False
        self.worked_before = 0.0

    def hold(self) -> None:
        """It is given a query: what it did before is not counted."""
        self.users += 1
        self.worked_before = self.worked()

    def let_go(self) -> None:
        self.users -= 1

    def kill(self) -> None:
        self.killed = True

    def worked(self) -> float:
        """It works all the time, as the clock of the lanes goes, unless it has no processor to work on."""
        return 7.0 if self.idles else time.monotonic()

    def step_back(self) -> None:
        self.back = True

    def step_forward(self) -> bool:
        self.back = self.back and not self.may_come_forward
        return not self.back


class Room:
    """Lanes with as many children as places, and one more; its queries are told by their text."""

    def __init__(self, places: int, queue: int = 10, wait: float = 5, limit: float = 10) -> None:
        self.woken = 0
        self.told: list[str] = []
        self.children: list[FakeChild] = []
        self.lanes = QueryScheduler(places, queue, wait, limit, self._wake)
        for _ in range(places + 1):
            self.bear()

    def _wake(self) -> None:
        self.woken += 1

    def bear(self) -> FakeChild:
        """Take in a new child, as the keeper does."""
        child = FakeChild()
        self.children.append(child)
        self.lanes.add(cast(WorkerProcess, child))
        return child

    def turn(self, text: str = "ASK {}", client: str = "a", *, slow: bool = False) -> Ticket:
        return Ticket(client, hash(text), text, lambda: self.told.append(text), slow)

    def take(self, text: str = "ASK {}", client: str = "a", *, slow: bool = False) -> Ticket:
        turn = self.turn(text, client, slow=slow)
        self.lanes.take(turn)
        return turn

    def done(self, turn: Ticket, *, fit: bool = True) -> None:
        """Let a turn end well; where its child is ended, the keeper bears another."""
        child = cast(FakeChild, turn.child)
        self.lanes.leave(turn, fit=fit)
        if child.killed:
            self.lanes.remove(cast(WorkerProcess, child))
            self.bear()

    def refused(self, text: str = "ASK {}", client: str = "a", *, slow: bool = False) -> str:
        with pytest.raises(Problem) as caught:
            self.take(text, client, slow=slow)
        return caught.value.kind.code


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock that stands still."""
    made = Clock()
    monkeypatch.setattr(time, "monotonic", made.monotonic)
    return made


def test_a_place_is_given_at_once_and_its_child_used_again(clock: Clock) -> None:
    room = Room(2)
    turn = room.turn()
    assert room.lanes.take(turn)
    assert (turn.began, turn.code, room.told) == (clock.now, "", [])
    child = cast(FakeChild, turn.child)
    assert child.users == 2
    room.done(turn)
    assert (child.users, child.killed) == (1, False)
    assert room.take().child is turn.child


def test_no_more_run_than_there_are_places(clock: Clock) -> None:
    room = Room(2)
    running = [room.take(f"{n}") for n in range(2)]
    waiting = room.turn("third")
    assert not room.lanes.take(waiting)
    assert all(turn.child for turn in running)
    assert waiting.child is None
    room.done(running[0])
    assert waiting.child is running[0].child
    assert room.told == ["third"]
    assert clock.now == waiting.began


def test_who_has_used_least_comes_first(clock: Clock) -> None:
    room = Room(1)
    hungry = room.take("first", "hungry")
    clock.now += 0.9
    room.done(hungry)
    running = room.take("running", "other")
    waiting = {client: room.take(f"of {client}", client) for client in ("modest", "hungry")}
    room.done(running)
    assert waiting["modest"].child
    assert not waiting["hungry"].child


def test_a_little_use_does_not_count_against_a_light_query(clock: Clock) -> None:
    room = Room(1)
    frequent = room.take("ASK { }", "frequent")
    clock.now += 0.3
    room.done(frequent)
    running = room.take("running", "other")
    light = room.take("ASK { ?s ?p ?o }", "frequent")
    heavy = room.take("SELECT * { ?a ?b ?c . ?d ?e ?f }", "new")
    room.done(running)
    assert light.child
    assert not heavy.child


def test_what_was_used_is_forgotten(clock: Clock) -> None:
    debts = DecayingUsage()
    debts.add("a", 8, clock.now)
    assert debts.of("a", clock.now) == 8
    assert debts.of("a", clock.now + 10) == pytest.approx(4)
    assert debts.of("b", clock.now) == 0
    for number in range(MAX_REMEMBERED + 10):
        debts.add(f"c{number}", 1, clock.now)
    assert debts.of("a", clock.now) == 0
    assert len(debts._used) == MAX_REMEMBERED


def test_of_one_clients_short_ones_the_lightest_then_the_newest(clock: Clock) -> None:
    room = Room(1)
    running = room.take("running")
    texts = ["ASK { ?a ?b ?c }", "ASK { ?a ?b 1 }", "ASK { ?a ?b 2 }", "ASK { ?a ?a 3 }"]
    for text in texts:
        clock.now += 0.001
        room.take(text)
    for expected in (texts[3], texts[2], texts[1], texts[0]):
        room.done(running)
        assert room.told.pop() == expected
        running = next(iter(room.lanes._running))


def test_of_one_clients_long_ones_the_oldest(clock: Clock) -> None:
    room = Room(1)
    running = room.take("running", slow=True)
    for number in range(3):
        clock.now += 0.001
        room.take(f"{number}", slow=True)
    for number in range(3):
        room.done(running)
        assert room.told.pop() == f"{number}"
        running = next(iter(room.lanes._running))


def test_one_place_is_kept_for_short_queries(clock: Clock) -> None:
    room = Room(3)
    long = [room.take(f"long {n}", slow=True) for n in range(4)]
    assert [bool(turn.child) for turn in long] == [True, True, False, False]
    assert room.take("short").child
    room.done(long[0])
    assert long[2].child
    assert not long[3].child


def test_where_there_is_one_place_long_ones_have_it_too(clock: Clock) -> None:
    room = Room(1)
    first = room.take("long", slow=True)
    assert first.child
    short, long = room.take("short"), room.take("long too", slow=True)
    room.done(first)
    assert long.child, "short ones never keep all long ones out"
    room.done(long)
    assert short.child


def test_a_short_one_that_turns_long_moves_over(clock: Clock) -> None:
    room = Room(2)
    turn = room.take()
    clock.now += LATER
    room.lanes.tick()
    assert (turn.slow, turn.code, cast(FakeChild, turn.child).back) == (True, "", True)
    assert (room.lanes._short.running, room.lanes._long.running) == (0, 1)
    room.done(turn)
    assert (room.lanes._short.running, room.lanes._long.running) == (0, 0)
    assert not cast(FakeChild, turn.child).back


def test_one_that_waits_for_a_processor_is_no_long_one_yet(clock: Clock) -> None:
    room = Room(2)
    for child in room.children:
        child.idles = True
    turn = room.take()
    clock.now += LATER
    room.lanes.tick()
    assert (turn.slow, turn.code) == (False, "")
    cast(FakeChild, turn.child).idles = False  # it has worked ever since
    room.lanes.tick()
    assert turn.slow


def test_one_that_waits_for_a_processor_for_long_is_a_long_one(clock: Clock) -> None:
    room = Room(2)
    for child in room.children:
        child.idles = True
    turn = room.take()
    clock.now += lanes_module._SHORT_WALL_TIME + 0.001
    room.lanes.tick()
    assert turn.slow


def test_a_short_one_that_turns_long_is_ended_where_no_place_for_such_is_free_and_comes_again(clock: Clock) -> None:
    room = Room(2)
    long = room.take("long", slow=True)
    turn = room.take("surprise")
    clock.now += LATER
    room.lanes.tick()
    assert (turn.code, turn.slow, cast(FakeChild, turn.child).killed) == (RETRY_AS_LONG, False, True)
    room.done(turn, fit=False)
    again = room.take("surprise", slow=True)
    assert again.child is None
    assert room.take("light").child, "its place is free for short ones"
    room.done(long)
    assert again.child


def test_a_text_is_remembered_as_long_until_it_is_quick(clock: Clock) -> None:
    room = Room(2)
    for slow in (False, True):
        turn = room.take("text")
        assert turn.slow is slow
        clock.now += LATER
        room.lanes.tick()
        room.done(turn)
    turn = room.take("text")
    assert turn.slow
    clock.now += SHORT_CPU_TIME / 2
    room.done(turn)
    assert not room.take("text").slow


def test_only_so_many_texts_are_remembered(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns_module, "MAX_REMEMBERED", 3)
    room = Room(2)
    for number in range(5):
        turn = room.take(f"{number}")
        clock.now += LATER
        room.lanes.tick()
        room.done(turn)
    assert list(room.lanes._known_long._keys) == [hash(f"{number}") for number in (2, 3, 4)]


def test_who_surprises_too_often_is_distrusted_for_what_is_not_light(clock: Clock) -> None:
    room = Room(2)
    room.take("long", "other", slow=True)
    heavy = "ASK { ?a ?b ?c . ?d ?e ?f }"
    assert not room.turn(heavy).slow
    for number in range(lanes_module._MAX_MISJUDGED + 1):
        turn = room.take(f"surprise {number}", slow=False)
        clock.now += LATER
        room.lanes.tick()
        assert turn.code == RETRY_AS_LONG
        room.done(turn, fit=False)
    assert room.take(heavy).slow
    assert not room.take("ASK { ?a ?b ?c }").slow
    assert not room.take(heavy, "another").slow
    clock.now += 60
    assert not room.take(heavy + " ").slow


def test_a_full_queue_sends_the_last_one_away(clock: Clock) -> None:
    room = Room(1, queue=2)
    hungry = room.take("used", "hungry")
    clock.now += 0.04
    room.done(hungry)
    room.take("running", "other")
    mine = [room.take(f"hungry {n}", "hungry", slow=False) for n in range(2)]
    modest = room.take("modest", "modest")
    assert [turn.code for turn in (*mine, modest)] == ["query-queue", "", ""]
    assert room.told == ["hungry 0"]
    assert room.refused("hungry 2 ?a ?b", "hungry") == "query-queue"
    assert room.told == ["hungry 0"], "who is refused at once is not called"


def test_a_queue_of_nobody(clock: Clock) -> None:
    room = Room(1, queue=0)
    turn = room.take()
    assert turn.child
    assert room.refused("other") == "query-queue"
    room.done(turn)
    assert room.take("other").child


def test_waiting_for_a_child_to_be_born_is_not_waiting_in_the_queue(clock: Clock) -> None:
    lanes = QueryScheduler(2, 0, 5, 10, lambda: None)
    turns = [Ticket("a", n, f"{n}") for n in range(2)]
    assert [lanes.take(turn) for turn in turns] == [False, False]
    with pytest.raises(Problem):
        lanes.take(Ticket("a", 3, "?a ?b"))
    for _ in turns:
        lanes.add(cast(WorkerProcess, FakeChild()))
    assert all(turn.child for turn in turns)


def test_waiting_ends(clock: Clock) -> None:
    room = Room(1, wait=5)
    room.take("running", slow=True)
    early = room.take("early")
    clock.now += 3
    late = room.take("late", slow=True)
    clock.now += 2
    room.lanes.tick()
    assert (early.code, late.code, room.told) == ("query-queue", "", ["early"])
    clock.now += 3
    room.lanes.tick()
    assert room.told == ["early", "late"]


def test_running_ends(clock: Clock) -> None:
    room = Room(1, limit=10)
    turn = room.take()
    clock.now += 9.99
    room.lanes.tick()
    assert not turn.code
    clock.now += 0.01
    room.lanes.tick()
    assert (turn.code, cast(FakeChild, turn.child).killed) == ("query-timeout", True)
    room.done(turn)
    assert room.take("next").child is not turn.child


def test_tick_says_when_to_look_again(clock: Clock) -> None:
    room = Room(2, wait=5, limit=10)
    assert room.lanes.tick() is None
    turn = room.take()
    assert room.woken == 1
    assert room.lanes.tick() == pytest.approx(SHORT_CPU_TIME)
    clock.now += 0.02
    assert room.lanes.tick() == pytest.approx(SHORT_CPU_TIME - 0.02)
    clock.now += LATER - 0.02
    assert room.lanes.tick() == pytest.approx(SHORT_CPU_TIME), "who begins meanwhile is looked at in time"
    clock.now += 9.98 - LATER
    assert room.lanes.tick() == pytest.approx(0.02)
    room.done(turn)
    assert room.lanes.tick() is None
    room.take("another")
    assert room.woken == 2


def test_a_child_that_cannot_come_forward_again_is_replaced(clock: Clock) -> None:
    room = Room(2)
    turn = room.take(slow=True)
    cast(FakeChild, turn.child).may_come_forward = False
    room.lanes.leave(turn, fit=True)
    assert cast(FakeChild, turn.child).killed
    assert turn.child not in room.lanes._idle


@pytest.mark.parametrize("fit", [True, False])
def test_a_child_that_died_serves_nobody(clock: Clock, fit: bool) -> None:
    room = Room(1)
    turn = room.take()
    room.lanes.remove(cast(WorkerProcess, turn.child))
    room.lanes.leave(turn, fit=fit)
    assert turn.child not in room.lanes._idle
    for child in list(room.lanes._idle):
        room.lanes.remove(child)
    assert room.take("next").child is None
    room.bear()
    assert room.told == ["next"]


def test_leaving_while_waiting_and_leaving_twice(clock: Clock) -> None:
    room = Room(1)
    running, waiting = room.take("running"), room.take("waiting")
    room.lanes.leave(waiting, fit=False)
    room.done(running)
    assert (waiting.child, room.told) == (None, [])
    room.lanes.leave(running, fit=True)
    assert (room.lanes._short.running, len(room.lanes._running)) == (0, 0)
    assert len(room.lanes._idle) == 2


def test_close_sends_away_now_and_later(clock: Clock) -> None:
    room = Room(1)
    running, short, long = room.take("running"), room.take("short"), room.take("long", slow=True)
    room.lanes.close()
    assert (short.code, long.code, running.code) == ("query-queue", "query-queue", "")
    assert sorted(room.told) == ["long", "short"]
    assert room.refused("later") == "query-queue"
    room.lanes.leave(running, fit=True)


class Driver:
    """What happens in any order; after each step, what must hold."""

    def __init__(self, places: int, queue: int) -> None:
        self.room = Room(places, queue)
        self.places = places
        self.all: list[Ticket] = []
        self.left: list[Ticket] = []
        self.births = 0

    def step(self, kind: str, number: int, clock: Clock) -> None:
        present = [turn for turn in self.all if turn not in self.left]
        match kind:
            case "take":
                turn = self.room.turn(
                    f"ASK {{ {'?a' * (number % 3)} {number % 7} }}", f"{number % 4}", slow=number % 5 == 0
                )
                self.all.append(turn)
                try:
                    self.room.lanes.take(turn)
                except Problem:
                    self.left.append(turn)
            case "leave" if present:
                self.leave(present[number % len(present)], fit=number % 3 > 0)
            case "tick":
                clock.now += number / 1000
                self.room.lanes.tick()
                for turn in present:
                    if turn.code:  # who was sent away or ended goes
                        self.leave(turn, fit=False)
            case "birth" if self.births:
                self.births -= 1
                self.room.bear()
            case "death" if self.room.lanes._idle:
                self.room.lanes.remove(self.room.lanes._idle[0])
                self.births += 1

    def leave(self, turn: Ticket, *, fit: bool) -> None:
        child = cast("FakeChild | None", turn.child)
        self.room.lanes.leave(turn, fit=fit)
        self.left.append(turn)
        if child and child.killed:
            self.room.lanes.remove(cast(WorkerProcess, child))
            self.births += 1

    def check(self) -> None:
        lanes = self.room.lanes
        waiting = [*lanes._short.waiting, *lanes._long.waiting]
        running = list(lanes._running)
        assert lanes._short.running + lanes._long.running == len(running) <= self.places
        assert lanes._long.running <= max(1, self.places - 1)
        assert len({id(turn.child) for turn in running}) == len(running), "no child has two queries"
        assert not {id(turn.child) for turn in running} & {id(child) for child in lanes._idle}
        assert not [turn for turn in running if turn in waiting]
        for turn in self.all:
            assert (turn in running) + (turn in waiting) + bool(turn.code) + (turn in self.left) >= 1, "nobody is lost"
        if lanes._idle and len(running) < self.places:
            assert not lanes._short.waiting, "nobody waits beside a place that is free"
            assert not lanes._long.waiting or lanes._long.running == max(1, self.places - 1)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["take", "take", "take", "leave", "leave", "tick", "birth", "death"]), st.integers(0, 200)
    ),
    max_size=60,
)


@settings(max_examples=150, deadline=None)
@given(places=st.integers(1, 4), queue=st.integers(0, 5), steps=STEPS)
def test_whatever_happens(places: int, queue: int, steps: list[tuple[str, int]]) -> None:
    clock = Clock()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "monotonic", clock.monotonic)
        driver = Driver(places, queue)
        for kind, number in steps:
            driver.step(kind, number, clock)
            driver.check()
        for _ in range(len(driver.all) + driver.births + 1):  # all that is under way comes to its end
            while driver.births:
                driver.step("birth", 0, clock)
            driver.step("leave", 1, clock)
            driver.check()
        assert not driver.room.lanes._running
        assert not [turn for turn in driver.all if turn not in driver.left and not turn.code]


def run(room: Room, number: int, told: Callable[[], object], called: threading.Event) -> str:
    """Ask as the engine does, in a thread; return how it ended."""
    turn = Ticket(f"{number % 3}", number % 11, "ASK {}", told, slow=number % 4 == 0)
    try:
        if not room.lanes.take(turn) and not called.wait(5):
            return "lost"
    except Problem as problem:
        return problem.kind.code
    try:
        if turn.child is None:
            return turn.code or "nothing"
        time.sleep(random.random() / 1000)  # noqa: S311
        return "ran"
    finally:
        child = cast("FakeChild | None", turn.child)
        room.lanes.leave(turn, fit=number % 5 > 0)
        if child and child.killed:
            room.lanes.remove(cast(WorkerProcess, child))
            room.bear()


def test_threads_in_a_crowd() -> None:
    room = Room(3, queue=40, wait=5)
    stop = threading.Event()

    def keep() -> None:
        while not stop.wait(0.001):
            room.lanes.tick()

    def one(number: int) -> str:
        called = threading.Event()
        return run(room, number, called.set, called)

    keeper = threading.Thread(target=keep)
    keeper.start()
    try:
        with ThreadPoolExecutor(16) as pool:
            ends = list(pool.map(one, range(1200)))
    finally:
        stop.set()
        keeper.join()
    assert set(ends) == {"ran"}
    assert (len(room.lanes._running), len(room.lanes._idle)) == (0, 4)


def test_who_is_given_a_child_while_asking_is_told_once() -> None:
    """The answer of `take` says whether it was given at once: were it read later, the turn would be told twice."""
    for _ in range(300):
        room = Room(1)
        first = room.take("first")
        told: list[int] = []
        turn = Ticket("a", 1, "second", lambda told=told: told.append(1))  # type: ignore[misc]
        freeing = threading.Thread(target=room.lanes.leave, args=(first,), kwargs={"fit": True})
        freeing.start()
        at_once = room.lanes.take(turn)
        freeing.join()
        assert turn.child
        assert len(told) == (0 if at_once else 1)
