"""Client of the API of data.gouv.fr: HTTP with retries, response cache, datasets.

May import core. Besides push, the only package that imports httpx.
"""
