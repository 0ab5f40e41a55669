"""What all packages use: errors, languages, settings, formats, namespaces, units; files, processes, sorting, texts, check digits,
identifiers of public bodies.

Imports no other package of cper_lod.
"""
