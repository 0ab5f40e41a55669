"""The names of the data of the program, which most tests read."""

from cper_lod.core.names import PROGRAM

BASE = PROGRAM.address
GRAPH_CATALOGUE = PROGRAM.catalogue_graph
GRAPH_DOCUMENTATION = PROGRAM.documentation_graph
GRAPH_REPORT = PROGRAM.report_graph
GRAPH_VOID = PROGRAM.void_graph
