"""Server processes: sockets, routing to releases, the switch to a new release.

May import every package of web.
"""
