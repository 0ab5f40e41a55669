"""Access log, metrics, rate limit.

May import core, engine, web.site and web.http.
"""
