"""The settings as a dialog, made from the declared settings of the host and of the plugins."""
