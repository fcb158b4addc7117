"""The skeleton of a plugin: which names it may have, and its files.

Knows nothing of the program; ``sync_gui_qt new-plugin`` (:mod:`sync_program.new_plugin`) tells it
what is taken.
"""
