"""The API of data.gouv.fr: HTTP client, cache, datasets.

May import core; the only package beside mirror and push that imports httpx.
"""
