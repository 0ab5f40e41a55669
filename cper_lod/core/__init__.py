"""What all packages use: errors, languages, settings, formats, namespaces; files, processes, sorting, texts, check digits.

Imports no other package of cper_lod.
"""
