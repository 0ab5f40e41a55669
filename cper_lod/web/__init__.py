"""The server: ASGI entry point, Flask application, pages.

May import everything but push and cli; the only package that imports Flask, Jinja and granian.
"""
