"""The query parameters: nothing is silently ignored where the answer is no page."""

from flask.testing import FlaskClient

from cper_lod.web.api import parameters


def test_the_table_is_about_addresses_that_there_are(client: FlaskClient):
    endpoints = set(client.application.view_functions)
    assert {*parameters.PARAMETERS, *parameters.OPEN} <= endpoints
    assert "lists.index" in endpoints
