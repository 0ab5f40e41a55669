"""What is published, and what each dataset has of it: held against sets."""

import random
from pathlib import Path

from cper_lod.release.catalog.datasets import CatalogueDataset
from cper_lod.release.jobs.progress import SILENT
from cper_lod.release.sources.statements import SourceFile, StatementIndexWriter, TempDir, partition


def test_a_statement_is_in_every_dataset_of_its_files_once(tmp_path: Path) -> None:
    chance = random.Random(1)  # noqa: S311  # the same lines each time
    files = {
        f"data/{number}.nt": {f'<urn:{chance.randint(1, 99)}> <urn:p> "x" .' for _ in range(40)} for number in "012"
    }
    graph = "<urn:n> <urn:p> <urn:o> <urn:graph> ."
    files["data/0.nt"].add(graph)
    with StatementIndexWriter(TempDir(tmp_path)) as writer:
        for name, lines in files.items():
            writer.add(SourceFile(name, "data"), ["".join(f"{line}\n" for line in lines).encode()])
        writer.add(SourceFile("shapes/a.ttl", "shapes"), [b'<urn:1> <urn:p> "of a shape" .\n'])
    stated = {line.decode(): numbers for line, numbers in writer.index.statements()}
    names = [*files]
    assert all(
        {names[number] for number in stated[line]} == {name for name in names if line in files[name]}
        for line in set().union(*files.values())
    )
    parts = [CatalogueDataset("https://e.test/a", ("data/0.nt",)), CatalogueDataset("https://e.test/b", ("data/",))]
    whole, held = partition(writer.index, parts, SILENT)
    everything = set().union(*files.values())
    for dump, expected in ((whole, everything), (held[parts[0]], files["data/0.nt"]), (held[parts[1]], everything)):
        of_default = expected - {graph}
        lines = [line.decode() for line in dump.quads.lines()]
        assert lines == sorted(expected if dump is whole else of_default)
        assert dump.triples == len(of_default)
    assert [path.as_posix() for path in writer.index.files_about("urn:n")] == ["data/0.nt"]
