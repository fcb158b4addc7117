"""The window: frame, dialogs, log panel, and the one bridge from worker threads."""
