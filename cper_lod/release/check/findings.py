"""The one maker of findings that no shape makes: their words are sentences of the table, in French and English."""

from cper_lod.core.errors import LANGUAGES
from cper_lod.core.i18n import translate
from cper_lod.rdf.report import Finding, Severity


def finding(severity: Severity, key: str, node: str, files: tuple[str, ...], **values: object) -> Finding:
    """Return a finding whose words are the sentences `finding-<key>` and `remedy-<key>`."""
    line = values.get("line")
    return Finding(
        severity,
        node,
        {lang: translate(f"finding-{key}", lang, **values) for lang in LANGUAGES},
        {lang: translate(f"remedy-{key}", lang, **values) for lang in LANGUAGES},
        value=str(values["written"]) if "written" in values else None,
        files=files,
        line=line if isinstance(line, int) else None,
    )
