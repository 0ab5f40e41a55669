"""Serve udata, the software of data.gouv.fr, with four datasets of one file: `python udata_site.py FOLDER_OF_UDATA_ENV`.

Run by the Python of udata (`requirements.UDATA`), which has none of our modules. Prints its address, then serves until it is
ended. The datasets are called after their numbers: 1 is public, 2 deleted, 3 private, 4 archived.
"""

import sys
from datetime import UTC, datetime
from typing import Any

sys.path.insert(0, sys.argv[1])

import udata_env  # type: ignore[import-not-found]
from bson import ObjectId  # type: ignore[import-not-found]
from werkzeug.serving import make_server

udata_env.only_loopback()
app = udata_env.make_app(port=0)
with app.test_request_context():
    from udata.core.dataset.models import Dataset, License, Resource  # type: ignore[import-not-found]
    from udata.core.organization.models import Organization  # type: ignore[import-not-found]

    day = datetime(2026, 11, 1, tzinfo=UTC)
    states: list[dict[str, Any]] = [{}, {"deleted": day}, {"private": True}, {"archived": day}]
    publisher = Organization(name="Un éditeur", description="Essai").save()
    for number, state in enumerate(states, 1):
        file = Resource(
            id=f"00000000-0000-0000-0000-00000000000{number}",
            title="comptes.csv",
            url=f"https://www.exemple.fr/{number}.csv",
            format="csv",
            filetype="remote",
        )
        Dataset(
            id=ObjectId(f"00000000000000000000000{number}"),
            title=f"Comptes {number}",
            description="Essai",
            license=License.objects.get(id="lov2"),
            organization=publisher,
            frequency="annual",
            resources=[file],
            **state,
        ).save()
server = make_server("127.0.0.1", 0, app, threaded=True)
print(f"http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
