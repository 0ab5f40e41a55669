"""Renders representations to files, in this process or in several; unchanged files are not rewritten."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures.process import BrokenProcessPool
from itertools import product
from pathlib import Path
from typing import Any, Final, NamedTuple

from cper_lod.core.errors import LANGUAGES, Problem
from cper_lod.core.processes import SpawnPoolExecutor
from cper_lod.core.settings import Settings
from cper_lod.mirror.client import ApplicationClient, file_headers, is_compressed, response_body
from cper_lod.mirror.folder import SITE, Folder
from cper_lod.mirror.manifest import RenderedFile
from cper_lod.mirror.paths import ENCODING_SUFFIXES, ERROR_FOLDER, Representation, error_documents
from cper_lod.release.release import Release
from cper_lod.web.http.compression import MAX_SIZE
from cper_lod.web.http.headers import PROBLEM_JSON

_QUEUED_TASKS: Final = 4
"""Tasks queued for each process."""


class Task(NamedTuple):
    """Representations that are rendered together; `name` is set for those of a thing with portable paths."""

    representations: tuple[Representation, ...]
    name: str = ""
    thing: bool = False


class TaskResult(NamedTuple):
    """The result of a task: its files, and the problems of the application."""

    files: list[RenderedFile]
    problems: list[Problem]
    thing: bool


class Renderer:
    """Renders files in one process; with `recompress`, unchanged files are compressed again."""

    def __init__(
        self, root: Path, folder: Path, manifest: Mapping[str, Any], settings: Settings, recompress: bool
    ) -> None:
        self._folder = Folder(root)
        self._release = Release(folder, manifest)
        self.client = ApplicationClient(self._release, settings)
        self._recompress = recompress

    def render(self, task: Task) -> TaskResult:
        """Render the files of a task; raises the problems of writing."""
        files, problems = list[RenderedFile](), list[Problem]()
        for representation in task.representations:
            try:
                files.append(self._render(representation, task))
            except Problem as problem:
                if problem.kind.code != "export-answer":
                    raise
                if problem.params["status"] != 404:  # not part of this release: the mirror answers 404 too
                    problems.append(problem)
        return TaskResult(files, problems, task.thing)

    def _render(self, representation: Representation, task: Task) -> RenderedFile:
        response, folder, modified = self.client.get(representation), self._folder, self._release.built_at
        file = f"{SITE}/{representation.file}"
        if response.path and response.size > MAX_SIZE:
            written = int(folder.write_if_changed(file, response.path, modified))
            return RenderedFile(representation.file, file_headers(response), response.size, (), task.thing, written)
        already_compressed = is_compressed(response) and all(
            (folder.root / f"{file}{ending}").is_file() for ending in ENCODING_SUFFIXES.values()
        )
        content, written, endings = response_body(response), 0, tuple(ENCODING_SUFFIXES.values())
        if self._recompress or not (already_compressed and folder.has_content(file, content)):
            compressed = dict(self.client.encodings(representation, response))
            endings = tuple(compressed)
            for ending in ENCODING_SUFFIXES.values():
                if ending in compressed:
                    written += folder.write_if_changed(file + ending, compressed[ending], modified)
                else:
                    folder.remove(file + ending)
        # Written last: if it exists, its compressed versions do.
        written += folder.write_if_changed(file, content, modified)
        headers = file_headers(response, task.name)
        return RenderedFile(representation.file, headers, len(content), endings, task.thing, written)


_renderer: Renderer | None = None


def _start_worker(*arguments: Any) -> None:  # noqa: ANN401
    global _renderer  # noqa: PLW0603  # one for each process of the pool
    _renderer = Renderer(*arguments)


def _task(task: Task) -> TaskResult:
    if _renderer is None:
        raise Problem("unexpected", reference="export")
    return _renderer.render(task)


def render_all(
    tasks: Iterable[Task], renderer: Renderer, processes: int, arguments: tuple[Any, ...]
) -> Iterator[TaskResult]:
    """Yield the result of each task, in order; each process creates a renderer with `arguments`.

    Raises the problems of writing; `export-process` if a process was killed.
    """
    if processes == 1:
        yield from map(renderer.render, tasks)
        return
    pool = SpawnPoolExecutor(processes, _start_worker, *arguments)
    pending = deque[Any]()
    try:
        for task in tasks:
            pending.append(pool.submit(_task, task))
            if len(pending) > processes * _QUEUED_TASKS:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    except BrokenProcessPool as error:
        pool.kill_workers()
        raise Problem("export-process") from error
    finally:
        pool.shutdown(cancel_futures=True)


_ERROR_FORMATS: Final = {"json": PROBLEM_JSON.media_type, "html": "text/html"}


def write_errors(client: ApplicationClient, folder: Folder, modified: int) -> Iterator[TaskResult]:
    """Write each error document in both formats and languages; yield their files together."""
    files = list[RenderedFile]()
    for problem, (suffix, accept), lang in product(error_documents(), _ERROR_FORMATS.items(), LANGUAGES):
        response = client.error_response(problem, accept, lang)
        file = f"{ERROR_FOLDER}/{problem.kind.status}.{lang}.{suffix}"
        content = response_body(response)
        written = folder.write_if_changed(f"{SITE}/{file}", content, modified)
        files.append(RenderedFile(file, file_headers(response), len(content), (), False, int(written)))
    yield TaskResult(files, [], thing=False)
