"""The WSGI application of the server process: answers by the current release, and switches to a new one in one step."""

import gc
import logging
import os
import secrets
import threading
import time
import weakref
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from functools import partial
from itertools import islice, product
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from werkzeug.wsgi import ClosingIterator

from cper_lod.core.errors import LANGUAGES, Problem
from cper_lod.core.formats import HTML
from cper_lod.core.i18n import system_language, translate
from cper_lod.core.namespaces import CPER
from cper_lod.core.settings import Settings
from cper_lod.engine.embedded import COUNT_TIMEOUT
from cper_lod.release.history import rejection
from cper_lod.release.history.history import History, Publication
from cper_lod.release.history.rejection import Rejection
from cper_lod.release.history.timeline import rollback_notice
from cper_lod.release.jobs.locks import shared_lock
from cper_lod.release.release import Release, open_engine
from cper_lod.web.http.environ import RELEASE, Environ
from cper_lod.web.http.headers import CORS, PROBLEM_JSON, SECURITY, problem_body
from cper_lod.web.http.limits import Limits
from cper_lod.web.observability.metrics import InstrumentedEngine
from cper_lod.web.observability.recorder import Recorder

# What answers requests is imported while the query processes of the first release start (`ReleaseRuntime`).
if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

    from cper_lod.web.http.response_cache import ResponseCache
    from cper_lod.web.site import Site

log = logging.getLogger("cper_lod")
POLL_INTERVAL: Final = 0.5
"""Seconds between two looks for a new publication."""
RETRY: Final = 10.0
"""Seconds until a release that could not be opened is tried again: it may have been repaired."""
_MAX_CLOSING: Final = 2
"""Earlier releases that still answer long requests; with so many, the next switch waits."""
_UNOPENED: Final = ("release-damaged", "release-gone", "permission")
"""The codes of a current release that cannot be opened at the start, so that an earlier one is served."""
MAX_THINGS: Final = 2
"""Things of each kind whose pages are made at the start: the first may have little to show, such as a document without a text."""
_ENGINE_TIMEOUT: Final = 2
"""Seconds in which a remote engine has to say which release it has, and count it: nothing is served before that."""


class Use:
    """What each request to a release holds: once nobody does, the release can be closed."""


class ReleaseRuntime:
    """A release that is ready to be served: engine, application, cache."""

    def __init__(
        self,
        settings: Settings,
        release: Release,
        prefix: str,
        recorder: Recorder,
        limits: Limits,
        history: History | None = None,
        *,
        must_be_pushed: bool = False,
        damage: Problem | None = None,
    ) -> None:
        """Start the query processes; `history` is the one that the release is part of, None for data served as given.

        `damage` says why the current release is not what is served: it makes /ready red. Raises release-damaged if the
        index cannot be opened. With `must_be_pushed`, also raises if a remote engine does not have the release yet.
        """
        with ExitStack() as opened:
            opened.callback(shared_lock(release.folder))
            with ThreadPoolExecutor(1, "opening") as other:
                opening = other.submit(open_engine, release, settings)
                from cper_lod.web.app import behind_prefix, create_app  # noqa: PLC0415
                from cper_lod.web.http.response_cache import ResponseCache  # noqa: PLC0415

                with suppress(Exception):  # the request that reads them tells what is wrong with them
                    release.triples  # noqa: B018  # reads them
            engine = opening.result()
            opened.callback(engine.close)
            timeout = COUNT_TIMEOUT if must_be_pushed else _ENGINE_TIMEOUT
            if (problem := engine.check_endpoint(timeout)) and must_be_pushed:
                raise problem
            self.engine = engine
            instrumented = InstrumentedEngine(engine, recorder.metrics)
            self.app = create_app(release, instrumented, settings, history=history, limits=limits)
            self.site: Site = self.app.extensions["cper_lod"]
            self.site.readiness.damage = damage
            application = behind_prefix(self.app, prefix) if prefix else self.app
            self.application = ResponseCache(application)
            if "cper_lod.pool" in self.app.extensions:
                opened.callback(self.app.extensions["cper_lod.pool"].close)
            self._opened = opened.pop_all()
        self.id = release.digest[:16]

    def close(self) -> None:
        """End the processes, and wait for them."""
        self._opened.close()


class ReleaseServer:
    """Answers each request, from beginning to end, by the release that is current when it arrives; used by many threads."""

    def __init__(
        self, runtime: ReleaseRuntime, recorder: Recorder, load_next: Callable[[], ReleaseRuntime | None] | None = None
    ) -> None:
        """Start with `runtime`; `load_next` returns its successor, None if there is none yet."""
        self._recorder, self._load_next = recorder, load_next
        self._served = runtime, Use()
        """What answers the next request: replaced and read as a whole, without a lock."""
        self._closing: list[tuple[ReleaseRuntime, weakref.ref[Use]]] = []
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="releases", daemon=True)
        self.swaps = 0
        recorder.set_release(runtime.app)

    def __call__(self, environ: Environ, start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request; an error outside the application is a 500 like any other."""
        runtime, use = self._served
        environ[RELEASE] = runtime.id
        try:
            body = runtime.application(environ, start_response)
            return body if isinstance(body, list) else ClosingIterator(body, partial(_until_closed, use))
        except Exception as error:
            return _unexpected(error, environ, start_response)
        finally:
            del use  # else who keeps the traceback of an error would keep the release open

    def start(self) -> None:
        """Start what runs beside the requests: the warm-up, the look for new publications, the checks of the store."""
        self._thread.start()

    def close(self) -> None:
        """End the thread, and close every release."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()
        for runtime, _ in self._closing:
            runtime.close()
        self._served[0].close()

    def _watch(self) -> None:
        """Make the likely first responses, then look for new publications; an unexpected error delays the next look."""
        self._stopped.wait(POLL_INTERVAL)  # requests that waited for the start are answered first
        _warm_up(self._served[0])
        freeze_heap()
        delay = POLL_INTERVAL
        while not self._stopped.wait(delay):
            delay = POLL_INTERVAL
            try:
                self.look()
                self._check_store()
            except Exception:
                log.exception("the next release could not be loaded, or the present one not be checked")
                delay = 20 * POLL_INTERVAL

    def look(self) -> None:
        """Close the releases whose last request has ended, and serve the next publication if there is one."""
        finished = [runtime for runtime, use in self._closing if use() is None]
        self._closing = [each for each in self._closing if each[0] not in finished]
        for runtime in finished:
            runtime.close()
        if finished:
            del runtime
            finished.clear()
            freeze_heap()
        if self._load_next and len(self._closing) < _MAX_CLOSING and (successor := self._load_next()):
            self.swap(successor)

    def swap(self, runtime: ReleaseRuntime) -> None:
        """Serve `runtime` from now on; the previous release is closed after its last request."""
        _warm_up(runtime)
        (previous, use), self._served = self._served, (runtime, Use())
        self._closing.append((previous, weakref.ref(use)))
        del use
        self.swaps += 1
        self._recorder.set_release(runtime.app)
        if previous.site.release.digest != runtime.site.release.digest:
            lang = system_language(runtime.site.settings.lang, dict(os.environ))
            log.info("%s", translate("log-turned", lang, release=runtime.site.release.id))

    def _check_store(self) -> None:
        """Ask a remote engine now and then whether it still has the release; `/ready`, `/health`, log and metrics say so."""
        engine = self._served[0].engine
        if time.monotonic() >= engine.next_check:
            engine.check_endpoint()


def _until_closed(use: Use) -> None:
    """Do nothing: what calls it when a body is closed holds `use` until then."""


def _warm_up(runtime: ReleaseRuntime) -> None:
    """Make the likely first responses of a release; an error does not stop serving."""
    try:
        warm(runtime.application, runtime.site)
    except Exception:  # what is missing is made when it is requested
        log.exception("the warm-up of a release failed")


def warm(application: "ResponseCache", site: "Site") -> None:
    """Request the pages that visitors begin with, those that take long, and one of each kind, in each language.

    So their templates are compiled, and what pages share is computed.
    """
    from werkzeug.test import Client  # noqa: PLC0415

    from cper_lod.release.plan.contract import MAX_CONTRACTS  # noqa: PLC0415
    from cper_lod.web.thing_pages.registry import kinds  # noqa: PLC0415

    client, listing, names = Client(application), site.release.listing, site.release.names
    of_kinds = (next((each for each in listing.classes if each.iri in kind.classes), None) for kind in kinds().values())
    others = (iri for each in of_kinds if each for iri in islice(listing.things(each.iri), MAX_THINGS))
    paths = ["/", "/compare", "/commune/59350", "/search?q=contrat", "/sparql", "/ontology", "/shapes"]
    for iri in (*islice(listing.things(CPER + "Contrat"), MAX_CONTRACTS), *others):
        name = names.path(iri)
        paths.append(f"/doc/{quote(name)}" if name else f"/describe?iri={quote(iri, safe='')}")
    paths += [f"/ontology/term/{quote(iri.partition('#')[2])}" for iri in site.documentation.ontology.classes[:1]]
    paths += [f"/shapes/{quote(iri.partition('#')[2])}" for iri in site.documentation.shapes.all[:1]]
    for path, lang in product(paths, LANGUAGES):
        client.get(path, headers={"Accept": HTML.media_type, "Accept-Language": lang})


def freeze_heap() -> None:
    """Exempt all present objects from garbage collection, after a collection of those that were exempt before.

    So the collector does not traverse a release again and again, and the application of an earlier release is freed.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def _unexpected(error: Exception, environ: Environ, start_response: "StartResponse") -> list[bytes]:
    """Return the answer to an error outside the application, whose reference in the log is all that the client sees."""
    reference = secrets.token_hex(6)
    log.error("unexpected error %s at %r", reference, environ.get("PATH_INFO", "")[:200], exc_info=error)
    problem = Problem("unexpected", reference=reference)
    body = problem_body(problem, "fr")
    headers = [("Content-Type", PROBLEM_JSON.content_type), ("Content-Length", str(len(body)))]
    start_response("500 INTERNAL SERVER ERROR", [*headers, *(SECURITY | CORS).items(), ("Cache-Control", "no-store")])
    return [body]


class ReleaseLoader:
    """Loads the publications of one folder; used by one thread at a time."""

    def __init__(self, settings: Settings, prefix: str, recorder: Recorder, limits: Limits) -> None:
        self._settings, self._prefix, self._recorder, self._limits = settings, prefix, recorder, limits
        self._history = History(settings.releases)
        self._number = 0
        self._present: ReleaseRuntime | None = None
        self._failure: Rejection | None = None
        """Why what was published last is not served, if it is not."""
        self._retry_at = 0.0

    def first(self) -> ReleaseRuntime:
        """Return the runtime of the release to serve now: the current one, else the last before it that can be opened;
        after a rollback, before that release was first served.

        Then /ready is red, the log says why, and the current one is tried again now and then. Raises what `History.open`
        raises if none can be opened.
        """
        entry = self._history.current()
        try:
            return self._open(entry)
        except Problem as problem:
            if entry is None or problem.kind.code not in _UNOPENED:
                raise
            self._failure = Rejection.of(problem, self._settings.releases)
            self._retry_at = time.monotonic() + RETRY
            entries = self._history.entries()
            if entry.how == "rollback":  # what was served after this release is what somebody has taken back
                entries = entries[: next(at for at, each in enumerate(entries) if each.release == entry.release)]
            for earlier in reversed(entries):
                if earlier.release != entry.release:
                    with suppress(Problem):
                        runtime = self._open(earlier, damage=problem)
                        lang = system_language(self._settings.lang, dict(os.environ))
                        words = translate("log-earlier", lang, release=earlier.release, message=problem.words(lang))
                        log.error("%s", words)  # noqa: TRY400
                        return runtime
            raise

    def next(self) -> ReleaseRuntime | None:
        """Return the runtime of what to serve from now on, None if that has not changed.

        If a release cannot be opened, the present one stays, and says why.
        """
        runtime, lang = None, system_language(self._settings.lang, dict(os.environ))
        try:
            entry = self._history.current()
            if entry and entry.number != self._number:
                if time.monotonic() < self._retry_at:
                    return None
                # A remote engine may get the release later: until then pages and answers stay those of the present one.
                runtime = self._open(entry, must_be_pushed=True)
                if entry.how == "rollback":
                    log.warning("%s", rollback_notice(entry, lang))
            self._failure = None
        except Problem as problem:
            self._retry_at = time.monotonic() + RETRY
            failure = Rejection.of(problem, self._settings.releases)
            if not failure.is_same_as(self._failure):
                self._failure = failure
                log.error("%s", translate("log-not-opened", lang, message=problem.words(lang)))  # noqa: TRY400
        self._tell()
        return runtime

    def _open(
        self, entry: Publication | None, *, must_be_pushed: bool = False, damage: Problem | None = None
    ) -> ReleaseRuntime:
        """Return the runtime of a publication, which is the present one from then on."""
        release = self._history.open(entry.release if entry else "")
        given = self._settings, release, self._prefix, self._recorder, self._limits, self._history
        self._present = ReleaseRuntime(*given, must_be_pushed=must_be_pushed, damage=damage)
        self._number = entry.number if entry else 0
        self._tell()
        return self._present

    def _tell(self) -> None:
        """Have the present release say why the sources, or what was published last, are not what is served."""
        if self._present:
            found = self._failure or rejection.read_rejection(self._settings.releases)
            self._present.site.readiness.rejection = found
