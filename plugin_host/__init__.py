"""The plugin host: finds, checks, loads and isolates plugins.

``PluginHost`` is in :mod:`plugin_host.host`, where plugins come from in
:mod:`plugin_host.discovery`.
"""
