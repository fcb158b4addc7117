"""Tells a chat what the program created, updated or could not do."""
