"""Asking pyshacl about focus nodes: its results, the fault of a shape, or that a rule cannot be computed of a node."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pyshacl.errors import ReportableRuntimeError
from pyshacl.pytypes import SHACLExecutor
from pyshacl.shape import Shape
from rdflib import Graph

from cper_lod.core.errors import Problem
from cper_lod.core.namespaces import SH
from cper_lod.rdf.report import short_name
from cper_lod.rdf.shacl.prefilter.query_cache import QueryError
from cper_lod.rdf.shacl.prefilter.tokens import term_of

PyshaclResult = Mapping[str, Any]
"""A result of pyshacl: the value of each of its properties, by their local names."""


class UncomputableError(Exception):
    """The data make rdflib fail where SPARQL has an error, or none: it sums no text, and compares no NaN."""


def run_pyshacl(shape: Shape, executor: SHACLExecutor, graph: Graph, nodes: Sequence[str]) -> list[PyshaclResult]:
    """Return pyshacl's results; raises `shapes-invalid`, OSError, and `UncomputableError` with the name of a fault."""
    try:
        _, reports = shape.validate(executor, graph, focus=[term_of(each) for each in nodes])  # type: ignore[misc]
    except (ReportableRuntimeError, QueryError, NotImplementedError, re.error) as error:
        message = " ".join(str(error).split())
        raise Problem("shapes-invalid", shape=short_name(str(shape.node)), message=message) from error
    except (OSError, MemoryError):
        raise
    except Exception as error:
        # By its name: what it says may hold an address in memory, and the same data have the same report.
        raise UncomputableError(type(error).__name__) from error
    return [
        {
            predicate.removeprefix(SH): value[1] if isinstance(value, tuple) else value
            for subject, predicate, value in triples
            if subject == node
        }
        for _, node, triples in reports
    ]
