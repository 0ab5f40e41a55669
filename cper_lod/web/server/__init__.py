"""Server processes: sockets, the release that is served, earlier releases, the switch to a new release.

May import every package of web.
"""
