"""Rules for content negotiation over the files of the mirror: nginx, Apache, object stores, w3id.org.

May import what mirror may import, and the modules of mirror except export and render.
"""
