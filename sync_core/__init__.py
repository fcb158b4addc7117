"""The ground of the program: settings, errors, tasks, journal and the pure rules.

Nothing in here knows Qt, Flask, CallDoc's HTTP or SQLHK's SQL.
"""
