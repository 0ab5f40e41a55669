"""What is refused: the problem of a call, by its code and its words; and what a full disk refuses."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import pytest

from cper_lod.core.errors import Problem


@contextmanager
def refused(code: str, *words: object, match: str | None = None) -> Iterator[pytest.ExceptionInfo[Problem]]:
    """Expect a problem of this code whose text has the words and matches the pattern."""
    with pytest.raises(Problem, match=match) as raised:
        yield raised
    assert raised.value.kind.code == code
    for each in words:
        assert str(each) in str(raised.value)


def full_disk(*_: object) -> NoReturn:
    """Fail as any call does that writes to a full disk."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
