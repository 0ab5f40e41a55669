"""What the tests share: the real sources, one sealed release, one running server, what a machine may lack."""

import fcntl
import gc
import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings as hypothesis_settings

from cper_lod.release.build.build import ensure_release
from cper_lod.release.release import Release
from tests.support.paths import ROOT, TINY
from tests.support.properties import QUICK_EXAMPLES
from tests.support.requirements import NEEDS
from tests.support.server import Server, ServerAddress, shared_server

if TYPE_CHECKING:
    from tests.engine.certificates import Certificates

# Bytecode is written whatever the environment says: the tests start hundreds of processes that import the same modules.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# Files are in memory where it has 4 GB free: most of what the tests wait for is the disk.
MEMORY = Path("/dev/shm")  # noqa: S108
if not os.environ.get("TMPDIR") and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > 4_000_000_000:
    os.environ["TMPDIR"], tempfile.tempdir = str(MEMORY), None
# The garbage collector looks every 700 objects; what the tests hold for good would be looked at again and again.
# Until they are collected, nothing is garbage.
gc.set_threshold(10_000)
gc.disable()
# No test asserts a time. Without --slow or --require-everything, properties are tried with fewer examples.
hypothesis_settings.register_profile("all", deadline=None, max_examples=40)
hypothesis_settings.register_profile("quick", deadline=None, max_examples=QUICK_EXAMPLES)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that select slow tests."""
    parser.addoption("--slow", action="store_true", help="run the tests marked 'slow' too")
    parser.addoption(
        "--require-everything",
        action="store_true",
        help="run the slow tests too, and fail the tests whose program or file is missing instead of skipping them",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Choose how many examples Hypothesis tries."""
    everything = config.getoption("--slow") or config.getoption("--require-everything")
    hypothesis_settings.load_profile("all" if everything else "quick")


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Give whole files to the processes of pytest-xdist, in the order of `pytest_collection_modifyitems`.

    What the tests of a file share is made once. A test that ends its process is not tried again in another one.
    """
    if config.getoption("numprocesses", None):
        config.option.dist, config.option.loadscopereorder, config.option.maxworkerrestart = "loadfile", False, "0"


def pytest_xdist_auto_num_workers() -> int:
    """Return the number of processes of `-n auto`: more than cores, since a third of the time tests wait for a server."""
    return (3 * len(os.sched_getaffinity(0)) + 1) // 2


def pytest_collection_finish() -> None:
    """Take the thousands of tests out of the sight of the garbage collector, which would look at them again and again."""
    gc.freeze()
    gc.enable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect slow tests, unless an option asks for them or node ids are given on the command line.

    Files of which more is slow come first: a process that gets a long one last is waited for by the others.
    """
    marked = {item for item in items if item.get_closest_marker("slow")}
    slow, tests = (Counter(item.path for item in each) for each in (marked, items))
    if not _slow_are_wanted(config):
        config.hook.pytest_deselected(items=[*marked])
        items[:] = [item for item in items if item not in marked]
    items.sort(key=lambda item: -slow[item.path] / tests[item.path])


def _slow_are_wanted(config: pytest.Config) -> bool:
    """Return whether an option asks for slow tests, or tests are named by their node ids."""
    options = (config.getoption("--slow"), config.getoption("--require-everything"), "slow" in config.option.markexpr)
    return any(options) or any("::" in argument for argument in config.args)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose program or file is missing, or fail it where everything is required."""
    for marker, path in NEEDS.items():
        if item.get_closest_marker(marker) and not path.exists():
            reason = f"needs {path} (marker {marker!r})"
            (pytest.fail if item.config.getoption("--require-everything") else pytest.skip)(reason)


@pytest.fixture(scope="session")
def sources() -> Path:
    """Return the folder of the real sources."""
    return ROOT


@pytest.fixture(scope="session")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder in which the release of the real sources is sealed, one for all processes of pytest-xdist."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "real-releases"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def release(releases: Path) -> Release:
    """Return the release of the real sources, built by whichever process comes first."""
    with (releases.parent / "real-releases.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return ensure_release(releases, ROOT)[0]


@pytest.fixture(scope="session")
def server(release: Release, releases: Path) -> Iterator[ServerAddress]:
    """Return the one server that the HTTP tests of all processes share; it serves the release of the real sources."""
    flags = ["--releases", str(releases), "--sources", str(ROOT), "--query-timeout", "3"]
    with shared_server(releases.parent / "server", flags) as address:
        yield address


@pytest.fixture(scope="module")
def where(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Return the flags for the smallest sources, and for a folder of releases that the tests of a module share."""
    releases = tmp_path_factory.mktemp("releases")
    return ["--sources", str(TINY), "--releases", str(releases), "--query-workers", "2"]


@pytest.fixture
def start(where: list[str], tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Return what starts a server with more flags; whatever becomes of a test, none is left running."""
    numbers = count()
    with ExitStack() as servers:
        yield lambda *flags: servers.enter_context(
            closing(Server([*where, *flags], tmp_path / f"log{next(numbers)}", often_looking=True))
        )


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """Return a copy of the smallest sources there are, which a test may change."""
    return Path(shutil.copytree(TINY, tmp_path / "tiny"))


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> "Certificates":
    """Return certificates of the tests' own."""
    from tests.engine.certificates import Certificates  # noqa: PLC0415  # cryptography, which most tests do without

    return Certificates(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def trusted(certificates: "Certificates", monkeypatch: pytest.MonkeyPatch) -> "Certificates":
    """Return the same; their authority is trusted, and no other."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates.authority))
    return certificates


@pytest.fixture
def no_certificates(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Have no certificates: each client of HTTP would read a hundred of them, for tests that do not use TLS."""
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
