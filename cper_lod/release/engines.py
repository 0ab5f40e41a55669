"""The SPARQL engine of a release: the embedded one, or an external endpoint (setting `engine`)."""

from cper_lod.core.settings import Settings
from cper_lod.engine.embedded import ProcessEngine
from cper_lod.release.release import INDEX, Release


def open_engine(release: Release, settings: Settings) -> ProcessEngine:
    """Return the started engine of a release; the caller closes it. Raises `release-damaged` if the index cannot be opened."""
    if settings.engine == "embedded":
        engine = ProcessEngine(release.folder / INDEX, settings, release.graphs)
    else:
        from cper_lod.engine.remote import RemoteEngine  # noqa: PLC0415  # HTTP and TLS, which the embedded engine does without

        engine = RemoteEngine(settings, release.digest, {"": release.manifest["triples"], **release.graphs})
    try:
        engine.start()
    except BaseException:
        engine.close()
        raise
    return engine
