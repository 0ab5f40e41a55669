"""The errors of a mirror: documents made before anybody errs, which can say the kind of error and not the address."""

from typing import Final

from cper_lod.core.errors import LANGUAGES, Phrase, Problem
from cper_lod.core.formats import DOCUMENT
from cper_lod.mirror.client import ApplicationClient, head
from cper_lod.mirror.folder import SITE, Folder
from cper_lod.mirror.manifest import Made
from cper_lod.web.http.response import PROBLEM_JSON

ERRORS: Final = "errors"
"""Their folder."""
_FORMS: Final = {"json": PROBLEM_JSON.media_type, "html": "text/html"}


def problems() -> list[Problem]:
    """Return the errors that rules answer with; each has a status of its own."""
    asked = Phrase("what was asked for", fr="ce qui était demandé")
    return [
        Problem("page-not-found", path=Phrase("at this address", fr="à cette adresse")),
        Problem("method-not-allowed", method=Phrase("This method", fr="Cette méthode"), offers="GET, HEAD, OPTIONS"),
        Problem("not-acceptable", accept=asked, offers=", ".join(each.media_type for each in DOCUMENT)),
        Problem("mirror-static"),
    ]


def write(asker: ApplicationClient, folder: Folder, modified: int) -> list[Made]:
    """Write each error in both forms and languages; return the files."""
    made = []
    for problem in problems():
        for suffix, accept in _FORMS.items():
            for lang in LANGUAGES:
                reply = asker.error(problem, accept, lang)
                file = f"{ERRORS}/{problem.kind.status}.{lang}.{suffix}"
                body = bytes(reply.body)  # type: ignore[arg-type]
                written = folder.put(f"{SITE}/{file}", body, modified)
                made.append(Made(file, head(reply), len(body), (), False, int(written)))
    return made
