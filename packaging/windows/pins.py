"""Which wheels the Windows program is made of: exact versions, each with the SHA-256 of its file.

``wheels.txt`` beside this module holds them in pip's own form. The versions are those of
``constraints.txt``; ``build_exe.py --pin-windows`` writes the file anew after they changed.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

from shipped import EXTRAS, PROGRAM, Requires, names_needed
from windows.fetch import download

PINS = Path(__file__).parent / "wheels.txt"

BUILD_TOOLS = ("altgraph", "packaging", "pefile", "pyinstaller", "pyinstaller-hooks-contrib")
"""What PyInstaller needs on Windows, besides what the program needs itself."""

RUNTIME = "panda3d"
"""The distribution whose Windows wheel carries Python itself, made for shipping programs."""

RUNTIME_VERSIONS = {"3.11.7": "1.10.14", "3.11.9": "1.10.16"}
"""Which version of it carries which Python.

It must be exactly the one whose standard library is used: some of its modules are built into the
interpreter, and even the fixes of one line change what these expect of the others.
"""

WINDOWS_MARKERS = {
    "extra": "",
    "implementation_name": "cpython",
    "implementation_version": "3.11.9",
    "os_name": "nt",
    "platform_machine": "AMD64",
    "platform_python_implementation": "CPython",
    "platform_release": "10",
    "platform_system": "Windows",
    "platform_version": "",
    "python_full_version": "3.11.9",
    "python_version": "3.11",
    "sys_platform": "win32",
}
"""What requirements see there; the Python is that of the runtime's wheel."""

_HEAD = """\
# What the Windows program is made of; written by `build_exe.py --pin-windows`, not by hand.
"""


class PinError(Exception):
    """``wheels.txt`` does not fit ``constraints.txt``; the message says what to do."""


@dataclass(frozen=True)
class Pin:
    """One wheel: its distribution's normalised name, its version, the SHA-256 of the file."""

    name: str
    version: str
    sha256: str

    @property
    def requirement(self) -> str:
        """What pip is asked for."""
        return f"{self.name}=={self.version}"


def wanted_versions(constraints: str, requires: Requires) -> dict[str, str]:
    """The version of every distribution that the Windows build needs, by normalised name.

    ``constraints`` is the text of ``constraints.txt``, ``requires`` knows what needs what. Raises
    ``PinError`` when a version is lacking.
    """
    allowed = constrained_versions(constraints)
    names = set(names_needed(PROGRAM, EXTRAS, requires, WINDOWS_MARKERS))
    names = (names | {canonicalize_name(tool) for tool in BUILD_TOOLS}) - {PROGRAM}
    lacking = sorted(names - set(allowed))
    if lacking:
        raise PinError(f"constraints.txt has no version for {', '.join(lacking)}")
    return {name: allowed[name] for name in sorted(names)}


def constrained_versions(constraints: str) -> dict[str, str]:
    """The versions that hold on Windows, by normalised name."""
    found: dict[str, str] = {}
    for line in constraints.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate(WINDOWS_MARKERS):
            (specifier,) = requirement.specifier
            found[canonicalize_name(requirement.name)] = specifier.version
    return found


def read_pins(text: str) -> list[Pin]:
    """The pins in the text of ``wheels.txt``."""
    pins = []
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            requirement, _, digest = line.partition(" --hash=sha256:")
            name, _, version = requirement.partition("==")
            pins.append(Pin(name, version, digest.strip()))
    return pins


def checked_pins(constraints: str, requires: Requires) -> list[Pin]:
    """The pins, which must be those of :func:`wanted_versions`; otherwise ``PinError``."""
    pins = read_pins(PINS.read_text(encoding="utf-8"))
    packages = {pin.name: pin.version for pin in pins if pin.name != RUNTIME}
    runtimes = {pin.version for pin in pins if pin.name == RUNTIME}
    if packages != wanted_versions(constraints, requires) or runtimes != set(
        RUNTIME_VERSIONS.values()
    ):
        raise PinError(
            f"{PINS.name} does not fit constraints.txt: run `python3 dev.py build --pin-windows` "
            "and look at what it changes"
        )
    return pins


def runtime_pin(pins: Iterable[Pin], python: str) -> Pin:
    """The pin of the wheel that carries exactly that Python. Raises ``PinError``."""
    version = RUNTIME_VERSIONS.get(python)
    for pin in pins:
        if (pin.name, pin.version) == (RUNTIME, version):
            return pin
    raise PinError(
        f"no Windows interpreter is known for Python {python}; run the build with one of "
        + ", ".join(RUNTIME_VERSIONS)
    )


def pin_lines(wheels: Iterable[Path]) -> str:
    """The text of ``wheels.txt`` for these wheels."""
    lines = []
    for wheel in wheels:
        name, version, _, _ = parse_wheel_filename(wheel.name)
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        lines.append(f"{name}=={version} --hash=sha256:{digest}\n")
    return _HEAD + "".join(sorted(lines))


def write_pins(constraints: str, requires: Requires) -> None:
    """Download the :func:`wanted_versions` and write down the sums of the files."""
    versions = wanted_versions(constraints, requires)
    with tempfile.TemporaryDirectory() as folder:
        download([f"{name}=={version}" for name, version in versions.items()], Path(folder))
        for version in RUNTIME_VERSIONS.values():
            download([f"{RUNTIME}=={version}"], Path(folder))
        PINS.write_text(pin_lines(sorted(Path(folder).glob("*.whl"))), encoding="utf-8")
