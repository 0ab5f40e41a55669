"""The engine that runs each query in a child process.

`engine` is the entry point; `pool` owns the processes, `scheduler` decides which query runs next, `supervisor` starts
and reaps processes, `exchange` is the dialogue of one query with a process.
May import core, engine.base, engine.syntax, engine.service and engine.worker.
"""
