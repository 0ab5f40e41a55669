"""Certificates of the tests' own: one for `localhost` that is accepted, and those that a client refuses."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import trustme

REFUSED: Final = {
    "of another authority": "unable to get local issuer certificate",
    "of another host": "certificate is not valid for 'localhost'",
    "expired": "certificate has expired",
}
"""The certificates that are refused, and what OpenSSL says of each."""


class Certificates:
    """An authority, its file, and certificates by name."""

    def __init__(self, folder: Path) -> None:
        authority = trustme.CA()
        self.authority = folder / "authority.pem"
        authority.cert_pem.write_to_path(self.authority)
        self.good = authority.issue_cert("localhost")
        past = [datetime(year, 1, 1, tzinfo=UTC) for year in (2001, 2002)]
        self.refused = {
            "of another authority": trustme.CA().issue_cert("localhost"),
            "of another host": authority.issue_cert("elsewhere.example"),
            "expired": authority.issue_cert("localhost", not_before=past[0], not_after=past[1]),
        }
