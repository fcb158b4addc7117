"""Stand-ins for the two foreign systems, filled with invented people."""
