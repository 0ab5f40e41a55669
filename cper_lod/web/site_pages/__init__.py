"""Pages about the site itself: home, status, legal notice, problems, static files.

May import core, release, web.site, web.http and web.components.
"""
