"""Tests of the single-patient plugin's rules and statements."""
