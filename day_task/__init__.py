"""The day sync as a task: a kind, its endpoint and the gateway's health check.

It comes to the program through the same hooks as every plugin.
"""
