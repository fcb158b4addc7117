"""The software bill of materials: what the program is made of, as a CycloneDX 1.5 document.

It lists the distributions with their versions and licences, the interpreter with the libraries
linked into it, and every other library file with its SHA-256.
"""

from __future__ import annotations

import hashlib
import json
import platform
import re
import sqlite3
import ssl
import sys
import sysconfig
import uuid
import zlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from importlib.metadata import Distribution
from pathlib import Path
from pyexpat import EXPAT_VERSION
from typing import Any
from urllib.parse import quote

from packaging.utils import canonicalize_name

from debian import Package
from shipped import stated

Component = dict[str, Any]

_PYTHON_PLACES = ("stdlib", "platstdlib", "purelib", "platlib")


def bill_of_materials(
    program: Distribution,
    parts: Iterable[Distribution],
    libraries: Mapping[str, Path],
    packages: Mapping[Path, Package],
    made_at: datetime,
) -> str:
    """The document as JSON text.

    ``parts`` are the other distributions, ``libraries`` the shared libraries that belong to none
    of them, by their names inside the program, ``packages`` the Debian packages of these;
    ``made_at`` is an aware time. Two documents of the same contents differ in their time only.
    """
    components = [
        *interpreter_components(),
        *(distribution_component(part) for part in parts),
        *(
            file_component(name, file, packages.get(file))
            for name, file in sorted(libraries.items())
        ),
    ]
    itself = {**distribution_component(program), "type": "application"}
    contents = json.dumps([itself, components], sort_keys=True)
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, contents)}",
        "version": 1,
        "metadata": {
            "timestamp": made_at.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": itself,
            "properties": [
                {"name": "build:system", "value": f"{platform.system()} {platform.machine()}"}
            ],
        },
        "components": components,
    }
    return json.dumps(document, indent=2) + "\n"


def distribution_component(part: Distribution) -> Component:
    """A Python distribution."""
    name = canonicalize_name(part.metadata["Name"])
    reference = f"pkg:pypi/{name}@{part.version}"
    component: Component = {
        "type": "library",
        "bom-ref": reference,
        "name": part.metadata["Name"],
        "version": part.version,
        "purl": reference,
    }
    licences = _licences(part)
    return {**component, "licenses": licences} if licences else component


def interpreter_components() -> list[Component]:
    """Python and what is linked into it, in the versions that run at this moment."""
    found = {
        "cpython": platform.python_version(),
        "openssl": _version_in(ssl.OPENSSL_VERSION),
        "sqlite": sqlite3.sqlite_version,
        "zlib": zlib.ZLIB_RUNTIME_VERSION,
        "expat": _version_in(EXPAT_VERSION),
    }
    return [
        {
            "type": "platform" if name == "cpython" else "library",
            "bom-ref": f"pkg:generic/{name}@{version}",
            "name": name,
            "version": version,
            "purl": f"pkg:generic/{name}@{version}",
        }
        for name, version in found.items()
    ]


def file_component(name: str, file: Path, package: Package | None) -> Component:
    """A file that belongs to no distribution, with the Debian package that it was taken from."""
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    component: Component = {
        "type": "file",
        "bom-ref": f"file:{name}",
        "name": name,
        "hashes": [{"alg": "SHA-256", "content": digest}],
    }
    if package is None:
        return component
    purl = f"pkg:deb/debian/{package.name}@{quote(package.version)}"
    return {**component, "version": package.version, "purl": purl}


def foreign_libraries(binaries: Iterable[tuple[str, str, str]]) -> dict[str, Path]:
    """Of PyInstaller's list the libraries that come from no distribution and not from Python."""
    own = {Path(path) for name, path in sysconfig.get_paths().items() if name in _PYTHON_PLACES}
    if not _is_a_systems_place(Path(sys.base_prefix)):
        own |= {Path(sys.base_prefix)}
    found = {}
    for name, source, kind in binaries:
        file = Path(source)
        if kind != "SYMLINK" and not any(file.is_relative_to(folder) for folder in own):
            found[name.replace("\\", "/")] = file
    return found


def _is_a_systems_place(prefix: Path) -> bool:
    """Whether other things than Python live there too."""
    return prefix.as_posix() in ("/usr", "/usr/local")


def _licences(part: Distribution) -> list[dict[str, Any]]:
    expression = stated(part, "License-Expression")
    if expression:
        return [{"expression": expression}]
    short = stated(part, "License")
    if short and "\n" not in short and len(short) <= 60:
        return [{"license": {"name": short}}]
    return [
        {"license": {"name": line.rpartition(" :: ")[2]}}
        for line in part.metadata.get_all("Classifier") or ()
        if line.startswith("License ::")
    ]


def _version_in(text: str) -> str:
    found = re.search(r"\d+(\.\d+)+[a-z]?", text)
    return found.group() if found else text
