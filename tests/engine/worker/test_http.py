"""The client of another endpoint: TLS."""

import pytest

from cper_lod.core.i18n import translate
from cper_lod.engine.worker.http import SOLUTIONS_TYPES, EndpointClient, EndpointError
from tests.support.certificates import REFUSED, Certificates
from tests.support.fake_endpoint import Endpoint, answer, speaking_tls

BODY = b'{"head":{},"boolean":true}'


def ask(endpoint: Endpoint) -> bytes:
    client = EndpointClient(f"https://localhost:{endpoint.port}/sparql")
    try:
        return client.query("ASK {}", [], SOLUTIONS_TYPES, "").read_all(100)
    finally:
        client.close_response(reuse=False)


def test_a_certificate_of_an_authority_of_ours_is_accepted(trusted: Certificates) -> None:
    names: list[str] = []
    with Endpoint(answer(BODY), speaking_tls(trusted.good, names)) as endpoint:
        assert ask(endpoint) == BODY
    assert names == ["localhost"]


@pytest.mark.parametrize(("name", "words"), REFUSED.items())
def test_a_certificate_is_refused(name: str, words: str, trusted: Certificates) -> None:
    with Endpoint(answer(BODY), speaking_tls(trusted.refused[name], [])) as endpoint:
        with pytest.raises(EndpointError) as caught:
            ask(endpoint)
        assert endpoint.requests == []
    reply = caught.value.reply
    assert (reply["error"], reply["reason"]) == ("engine-unreachable", "engine-certificate")
    assert words in reply["what"]
    assert "son certificat n'est pas accepté" in translate(reply["reason"], "fr", what=reply["what"])


def test_an_authority_that_is_not_given_is_not_trusted(certificates: Certificates, no_certificates: None) -> None:
    with Endpoint(answer(BODY), speaking_tls(certificates.good, [])) as endpoint:
        with pytest.raises(EndpointError) as caught:
            ask(endpoint)
        assert endpoint.requests == []
    assert "SSL_CERT_FILE" in translate(caught.value.reply["reason"], "en", what="")
