"""What goes into the one-file program and what stays out; the rules behind ``sync_gui_qt.spec``.

The program must also carry what it does not use itself: plugins that are dropped in beside it find
no Python there but ours, so the whole standard library and the libraries that plugins write
against are named here.
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
import pkgutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePath, PurePosixPath

Entry = tuple[str, str, str]
"""A file of the program as PyInstaller lists it: name inside, file outside, kind."""

PLUGIN_LIBRARIES = (
    "apispec",
    "flask",
    "flask-smorest",
    "flask-swagger-ui",
    "keyring",
    "marshmallow",
    "platformdirs",
    "pluggy",
    "requests",
    "sqlalchemy",
    "urllib3",
    "waitress",
    "webargs",
    "werkzeug",
)
"""Distributions that are shipped with all their modules and data, whoever imports them."""

ARCHIVED_LIBRARIES = ("tzdata",)
"""Distributions of small files that are shipped whole as well, packed into one archive."""

QT_MODULES = ("QtCore", "QtGui", "QtNetwork", "QtPrintSupport", "QtSvg", "QtWidgets", "sip")
"""The parts of PyQt5 that a panel may use."""

NEVER = (
    # Not compatible with our licence.
    "mssql_python",
    # Another Qt would be a second copy of everything.
    "PyQt6",
    "PySide2",
    "PySide6",
    # Tools: to write and to test programs, not to run this one.
    "_pytest",
    "hypothesis",
    "mypy",
    "pip",
    "pkg_resources",
    "pytest",
    "setuptools",
    "sync_gui_testing",
    "wheel",
    "flask.testing",
    "sqlalchemy.testing",
    "werkzeug.testapp",
)
"""Modules that are never in the program, not even when something asks for them."""

STANDARD_NEVER = (
    "__main__",
    "_tkinter",
    "antigravity",
    "distutils",  # gone from Python 3.12 on; with it setuptools would come
    "ensurepip",
    "idlelib",
    "lib2to3",
    "pydoc_data",
    "this",
    "tkinter",
    "turtle",
    "turtledemo",
    "venv",
)
"""Modules of the standard library that a plugin cannot need: other windows, tools and jokes."""

_TESTS = ("test", "tests")

_QT_PLUGINS = {
    "iconengines": ("qsvgicon",),
    "imageformats": ("qgif", "qico", "qjpeg", "qsvg"),
    "platforminputcontexts": (
        "composeplatforminputcontextplugin",
        "ibusplatforminputcontextplugin",
    ),
    "platforms": ("qminimal", "qoffscreen", "qwindows", "qxcb"),
    "platformthemes": ("qxdgdesktopportal",),
    # Not CUPS: it would bring a third of a system's libraries. Linux prints into PDF files.
    "printsupport": ("windowsprintersupport",),
    "styles": ("qwindowsvistastyle",),
}
"""Qt's own plugins that are kept, by folder; our window draws with neither OpenGL nor QML."""

_QT_TRANSLATIONS = ("qtbase_de.qm",)

_UNUSED_LIBRARIES = (
    *("d3dcompiler_47", "egl.", "glesv2.", "opengl32sw"),
    *("qt5eglfs", "qt5qml", "qt5quick", "qt5waylandclient", "qt5websockets"),
    # Of CUPS.
    *("avahi-", "cups.", "gmp.", "gnutls.", "hogweed.", "idn2.", "nettle.", "p11-kit.", "tasn1."),
    "unistring.",
)
"""Beginnings of names, without ``lib``, of libraries that only left-out Qt plugins load."""

_SWAGGER_FILES = ("LICENSE", "favicon-32x32.png", "swagger-ui-bundle.js", "swagger-ui.css")


def standard_library(names: Iterable[str]) -> list[str]:
    """All modules of the standard library that can be found here, submodules included, by name.

    ``names`` are the top-level ones, as in ``sys.stdlib_module_names``; nothing is imported.
    """
    found = []
    for name in sorted(set(names) - set(STANDARD_NEVER)):
        if name in _TESTS:
            continue
        # Not importlib.util.find_spec: a module may be loaded already, without a spec.
        spec = importlib.machinery.PathFinder.find_spec(name)
        if spec is None:
            if importlib.machinery.BuiltinImporter.find_spec(name) is not None:
                found.append(name)
            continue
        found.append(name)
        if spec.submodule_search_locations:
            found += _below(name, list(spec.submodule_search_locations))
    return found


def _below(package: str, folders: Sequence[str]) -> Iterator[str]:
    for module in pkgutil.iter_modules(folders):
        if module.name in _TESTS or module.name == "__main__":
            continue
        name = f"{package}.{module.name}"
        yield name
        if module.ispkg:
            yield from _below(name, [f"{folder}/{module.name}" for folder in folders])


def modules_among(files: Iterable[PurePath]) -> list[str]:
    """The modules among a distribution's installed files; not its tests and test helpers.

    PyInstaller's own way of asking starts an interpreter for each package, which takes Wine long.
    """
    names = set()
    for file in files:
        if file.suffix in (".py", ".pyd", ".so") and _lies_in_a_package(file):
            stem = file.name.partition(".")[0]
            parts = (*file.parts[:-1], *(() if stem == "__init__" else (stem,)))
            if parts and all(part.isidentifier() for part in parts):
                names.add(".".join(parts))
    return sorted(name for name in names if is_for_running(name))


def data_among(files: Iterable[PurePath]) -> list[PurePath]:
    """The files that the packages of a distribution read at run time, and no code."""
    code = (".py", ".pyc", ".pyd", ".pyi", ".pyx", ".pxd", ".so")
    return [
        file
        for file in files
        if len(file.parts) > 1 and _lies_in_a_package(file) and file.suffix not in code
    ]


def archived_among(files: Iterable[PurePath]) -> list[PurePath]:
    """The files of a distribution of :data:`ARCHIVED_LIBRARIES` that are packed, code and data."""
    return [
        file
        for file in files
        if len(file.parts) > 1 and _lies_in_a_package(file) and file.suffix != ".pyc"
    ]


def _lies_in_a_package(file: PurePath) -> bool:
    top = file.parts[0]
    return top != ".." and not top.endswith((".dist-info", ".data", ".libs"))


def is_for_running(module: str) -> bool:
    """Whether a library's module is anything else than its tests and its test helpers."""
    tops = tuple(f"{name}." for name in NEVER)
    return (
        module not in NEVER
        and not module.startswith(tops)
        and not {"test", "tests", "testing", "conftest"} & set(module.split("."))
    )


def is_needed(entry: Entry) -> bool:
    """Whether a collected file stays in the program: everything but what Qt brings beyond need."""
    path = PurePosixPath(entry[0].replace("\\", "/"))
    parts = path.parts
    if path.name == "direct_url.json":
        return False  # says where on the building machine a distribution lay
    if "flask_swagger_ui" in parts and "dist" in parts:
        return path.name in _SWAGGER_FILES
    if "PyQt5" in parts:
        if "translations" in parts:
            return path.name in _QT_TRANSLATIONS
        if "plugins" in parts:
            return _plugin_name(path) in _QT_PLUGINS.get(path.parent.name, ())
    return not path.name.lower().removeprefix("lib").startswith(_UNUSED_LIBRARIES)


def _plugin_name(path: PurePosixPath) -> str:
    stem = path.name.partition(".")[0]
    return stem.removeprefix("lib") if path.suffix != ".dll" else stem


def needed(entries: Iterable[Entry]) -> list[Entry]:
    """Those of the collected files that stay."""
    return [entry for entry in entries if is_needed(entry)]
