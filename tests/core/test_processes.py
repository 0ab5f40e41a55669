"""A time limit: the work is interrupted wherever it is, even where a library catches everything."""

import os
import signal
import time

import pytest

from cper_lod.core import processes
from cper_lod.core.processes import TimeLimitReached, interruptible


@pytest.mark.parametrize("seconds", [0, 0.01])
def test_work_is_interrupted_by_a_signal_or_at_its_limit(seconds: float) -> None:
    before = signal.getsignal(signal.SIGALRM)
    with pytest.raises(TimeLimitReached), interruptible(seconds):
        if not seconds:
            os.kill(os.getpid(), signal.SIGALRM)
        while True:
            time.sleep(0.01)
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_work_that_catches_everything_is_interrupted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "AGAIN", 0.01)
    caught = 0
    with pytest.raises(TimeLimitReached), interruptible():
        os.kill(os.getpid(), signal.SIGALRM)
        while True:
            try:
                while True:
                    time.sleep(0.01)
            except BaseException:
                caught += 1
                if caught == 3:
                    raise


def test_work_that_ends_is_not_interrupted() -> None:
    with interruptible(3600):
        pass
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
