"""Records of requests and queries: log, metrics.

May import core, engine, web.site and web.http.
"""
