"""What readers are told of a fault of ours: nothing of where this machine keeps its files; the log tells that."""

import logging

from cper_lod.core.errors import Problem
from cper_lod.core.settings import Settings
from cper_lod.release.history.rejection import published

log = logging.getLogger("cper_lod")


def told(error: Problem, settings: Settings) -> Problem:
    """Return an error as it may be sent; where it names a file of this machine, the log is told the whole of it.

    What a client did wrong names addresses, not files, and is sent as it is.
    """
    if error.kind.status < 500:
        return error
    shown = published(error, settings.releases)
    if str(shown) != str(error):
        log.error("%s", error)
    return shown
