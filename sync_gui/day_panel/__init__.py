"""The panel *Tagesabgleich*: start a day's sync, follow it, read what came of it."""
