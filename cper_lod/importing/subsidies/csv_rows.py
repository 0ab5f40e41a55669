"""The rows of a CSV file, one after the other, each with the line it begins on."""

import csv
import io
from collections.abc import Callable, Iterator

from cper_lod.core.errors import Problem
from cper_lod.importing.subsidies.inspect import Inspected

Progress = Callable[[int], None]
"""Called now and then with the number of bytes read since the last call."""

_STEP = 1000


def rows(file: Inspected, progress: Progress = lambda _: None) -> Iterator[tuple[int, list[str]]]:
    """Yield each row after the header that is not empty.

    Raises `import-quotes` where a quotation mark is not closed, `import-changed` where the file is not what was
    inspected any more.
    """
    with file.path.open("rb") as binary, io.TextIOWrapper(binary, encoding=file.encoding, newline="") as text:
        reader = csv.reader(text, delimiter=file.separator, strict=True)
        begins, told, header = 1, 0, False
        while True:
            try:
                row = next(reader)
            except StopIteration:
                break
            except (csv.Error, UnicodeDecodeError) as error:
                raise Problem("import-quotes", path=file.path, line=begins) from error
            if any(map(str.strip, row)):
                if header:
                    yield begins, row
                header = True
            begins = reader.line_num + 1
            if begins % _STEP == 0:
                told = _tell(progress, binary.tell(), told)
        _tell(progress, file.size, told)
    status = file.path.stat()
    if (status.st_mtime_ns, status.st_size) != file.stamp:
        raise Problem("import-changed", path=file.path)


def _tell(progress: Progress, here: int, told: int) -> int:
    progress(here - told)
    return here
