"""The plugins that ship with the program. The program knows them by their entry points only."""
