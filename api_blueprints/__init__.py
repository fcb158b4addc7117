"""The program's own endpoints, and what every blueprint shares.

Problem documents, request ids, the checks that come before any work, documentation.
"""
