"""The engine that runs each query in a child process: scheduler, pool of processes, supervisor.

May import core, engine.base, engine.syntax, engine.service and engine.worker.
"""
