"""Fixtures for pytest with which plugins are tested: the real program, in the test's own process.

pytest finds :mod:`sync_gui_testing.plugin` by its entry point; nothing has to be imported. It is
loaded in every project of the environment, so it loads nothing else until a fixture is used.
"""
