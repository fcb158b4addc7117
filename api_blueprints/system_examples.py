"""Answers of the program about itself, as the documentation shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Example = Mapping[str, Any]

HEALTH_EXAMPLE: Example = {
    "status": "healthy",
    "timestamp": "2025-10-04T15:00:00.123+02:00",
    "active_syncs": 1,
    "version": "1.0.0",
}

_JOURNAL: Example = {"ok": True, "message": "readable and writable", "ms": 3}
_SQLHK: Example = {"ok": True, "message": "answers", "ms": 12}

READY_EXAMPLE: Example = {
    "status": "ready",
    "checks": {
        "calldoc": {"ok": True, "message": "answers", "ms": 40},
        "sqlhk": _SQLHK,
        "journal": _JOURNAL,
    },
}

NOT_READY_EXAMPLE: Example = {
    "status": "not_ready",
    "checks": {
        "calldoc": {"ok": False, "message": "no answer in time", "ms": 3000},
        "sqlhk": _SQLHK,
        "journal": _JOURNAL,
    },
}

PLUGINS_EXAMPLE: Example = {
    "count": 2,
    "plugins": [
        {
            "name": "host_api",
            "version": "1.0.0",
            "state": "loaded",
            "reason": None,
            "panels": [],
            "routes": ["GET /health", "GET /health/ready", "GET /api/plugins"],
            "contract": 1,
            "distribution": "sync-gui",
            "set_aside": False,
            "start_ms": 310,
        },
        {
            "name": "statistics",
            "version": None,
            "state": "failed",
            "reason": "it cannot be imported: No module named 'charts'",
            "panels": [],
            "routes": [],
            "contract": None,
            "distribution": "statistics-plugin",
            "set_aside": False,
            "start_ms": 12,
        },
    ],
}
