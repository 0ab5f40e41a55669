"""An rdflib Graph in memory that reads queries from standard input; runs in the peer's environment."""

import base64
import sys
import time

import rdflib


def main() -> None:
    """Read the file named, then one query a line (base64); answer each with its rows and seconds of processor time."""
    rdflib.NORMALIZE_LITERALS = False
    graph = rdflib.Graph()
    graph.parse(sys.argv[1], format="nt")
    print(len(graph), flush=True)
    for line in sys.stdin:
        began = time.process_time()
        rows = sum(1 for _ in graph.query(base64.b64decode(line).decode()))
        print(rows, time.process_time() - began, flush=True)


if __name__ == "__main__":
    main()
