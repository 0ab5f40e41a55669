"""Making the files of representations, in this process or in several; each is compared with what is there already."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any, Final, NamedTuple

from cper_lod.core.errors import LANGUAGES, Problem
from cper_lod.core.processes import process_pool
from cper_lod.core.settings import Settings
from cper_lod.mirror.client import ApplicationClient, body, compressed, head
from cper_lod.mirror.folder import SITE, Folder
from cper_lod.mirror.manifest import Made
from cper_lod.mirror.paths import CODED, ERRORS, Representation, error_documents
from cper_lod.release.release import Release
from cper_lod.web.gateway.response_cache import LARGEST
from cper_lod.web.http.response import PROBLEM_JSON
from cper_lod.web.http.wsgi import FileResponse

_WAITING: Final = 4
"""Tasks for each process that are given out before the first answer is waited for."""


class Task(NamedTuple):
    """Representations that are made together: of the thing of a name, or of what is none."""

    wanted: tuple[Representation, ...]
    name: str = ""
    thing: bool = False


class Outcome(NamedTuple):
    """What became of a task: the files that are there, and what the application refused to make."""

    made: list[Made]
    refused: list[Problem]
    thing: bool


class Maker:
    """What makes files, in one process; `afresh` compresses again what is the same."""

    def __init__(self, root: Path, folder: Path, manifest: Mapping[str, Any], settings: Settings, afresh: bool) -> None:
        self._folder = Folder(root)
        self._release = Release(folder, manifest)
        self.asker = ApplicationClient(self._release, settings)
        self._afresh = afresh

    def make(self, task: Task) -> Outcome:
        """Make the files of a task; raises the problems of writing."""
        made, refused = list[Made](), list[Problem]()
        for what in task.wanted:
            try:
                made.append(self._made(what, task))
            except Problem as problem:
                if problem.kind.code != "export-answer":
                    raise
                if problem.params["status"] != 404:  # it is nothing of this release: the mirror says so too
                    refused.append(problem)
        return Outcome(made, refused, task.thing)

    def _made(self, what: Representation, task: Task) -> Made:
        reply, folder, modified = self.asker.ask(what), self._folder, self._release.sealed
        file = f"{SITE}/{what.file}"
        if isinstance(reply, FileResponse) and reply.size > LARGEST:
            written = int(folder.copy(reply.path, file, modified))
            return Made(what.file, head(reply), reply.size, (), task.thing, written)
        known = compressed(reply) and all((folder.root / f"{file}{ending}").is_file() for ending in CODED.values())
        whole, written = body(reply), 0
        endings = tuple(CODED.values())
        if self._afresh or not (known and folder.holds(file, whole)):
            coded = dict(self.asker.codings(what, reply))
            endings = tuple(coded)
            for ending in CODED.values():
                if ending in coded:
                    written += folder.put(file + ending, coded[ending], modified)
                else:
                    folder.remove(file + ending)
        # Last: where it is there, its compressed forms are.
        written += folder.put(file, whole, modified)
        return Made(what.file, head(reply, task.name), len(whole), endings, task.thing, written)


_maker: Maker | None = None


def _begin(*arguments: Any) -> None:  # noqa: ANN401
    global _maker  # noqa: PLW0603  # one for each process of the pool
    _maker = Maker(*arguments)


def _task(task: Task) -> Outcome:
    if _maker is None:
        raise Problem("unexpected", reference="export")
    return _maker.make(task)


def outcomes(tasks: Iterable[Task], maker: Maker, processes: int, arguments: tuple[Any, ...]) -> Iterator[Outcome]:
    """Yield the outcome of each task, in order; with several processes each has a maker of these `arguments`.

    Raises the problems of writing; `export-process` where a process was ended from outside.
    """
    if processes == 1:
        yield from map(maker.make, tasks)
        return
    pool = process_pool(processes, _begin, *arguments)
    waiting = deque[Any]()
    try:
        for task in tasks:
            waiting.append(pool.submit(_task, task))
            if len(waiting) > processes * _WAITING:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool as error:
        raise Problem("export-process") from error
    finally:
        pool.shutdown(cancel_futures=True)


_ERROR_FORMATS: Final = {"json": PROBLEM_JSON.media_type, "html": "text/html"}


def write_errors(asker: ApplicationClient, folder: Folder, modified: int) -> list[Made]:
    """Write each error in both forms and languages; return the files."""
    made = []
    for problem in error_documents():
        for suffix, accept in _ERROR_FORMATS.items():
            for lang in LANGUAGES:
                reply = asker.error(problem, accept, lang)
                file = f"{ERRORS}/{problem.kind.status}.{lang}.{suffix}"
                body = bytes(reply.body)  # type: ignore[arg-type]
                written = folder.put(f"{SITE}/{file}", body, modified)
                made.append(Made(file, head(reply), len(body), (), False, int(written)))
    return made
