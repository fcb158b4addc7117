"""Measures the program as it runs: real processes, real sockets, against the demo's systems.

``python3 dev.py bench`` runs it; what is measured and how stands in ``docs/benchmarks.md``.
"""
