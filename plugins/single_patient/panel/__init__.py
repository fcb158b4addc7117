"""The window's panel for syncing one patient; :mod:`.panel` builds it, only there Qt is loaded."""
