"""Problems that a test expects."""

import pytest

from cper_lod.core.errors import Problem


def problem(code: str) -> pytest.RaisesExc[Problem]:
    """Return a context in which a problem must be raised: that of the code, not another one."""
    return pytest.raises(Problem, check=lambda raised: raised.kind.code == code)
