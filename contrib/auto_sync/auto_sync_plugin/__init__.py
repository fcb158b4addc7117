"""Automatik: syncs days at a chosen time, and patients as soon as their appointments change."""
