"""The API in plain JSON: a shape for each class of things, their lists, query parameters, JSON Schemas, and OpenAPI.

May import core, rdf, release, web.site, web.http and web.components.
"""
