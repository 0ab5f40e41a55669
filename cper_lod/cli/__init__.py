"""Command line: one module for each group of commands.

May import every package below it; rdflib, Flask and granian are imported inside the command that needs them.
"""
