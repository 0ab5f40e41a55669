"""Rules that make a web server negotiate over the files of the mirror: nginx, Apache, object stores, w3id.org.

May import what mirror may import, and mirror.paths.
"""
