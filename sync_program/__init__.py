"""How the program is put together; ``sync_gui_qt.py`` only starts it."""
