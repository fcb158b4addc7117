"""What the figures were measured on."""

from __future__ import annotations

import os
import platform
import sqlite3
from datetime import datetime
from typing import Any

import psutil


def machine_info() -> dict[str, Any]:
    """The machine, the Python and how busy the machine is at this moment."""
    return {
        "measured_at": datetime.now().astimezone().isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "processor": platform.processor() or platform.machine(),
        "memory_mb": round(psutil.virtual_memory().total / 2**20),
        "system": platform.platform(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "sqlite": sqlite3.sqlite_version,
        "load_average": [round(value, 2) for value in psutil.getloadavg()],
    }
