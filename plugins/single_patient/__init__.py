"""The plugin that syncs one patient of one day from CallDoc to SQLHK."""
