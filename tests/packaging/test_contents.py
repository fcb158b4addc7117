"""What goes into the program and what does not; the pins; the papers: rules, tried alone."""

from __future__ import annotations

import hashlib
import json
import struct
import subprocess
import sys
import sysconfig
import zipfile
from datetime import datetime, timezone
from importlib import metadata
from pathlib import Path

import pytest

from tests.packaging.conftest import ROOT  # puts the scripts on the search path

# isort: split
import bill_of_materials
import draw_icon
import exe_contents
import licence_texts
import one_archive
import project_copy
import result
import shipped
import system_tools
import version_resource
from debian import Package, packages_of
from windows import compile as windows_compile
from windows import fetch, pins, python_home
from windows.wine import windows_path


@pytest.mark.parametrize(
    ("name", "stays"),
    [
        ("PyQt5/Qt5/plugins/platforms/libqxcb.so", True),
        ("PyQt5\\Qt5\\plugins\\platforms\\qwindows.dll", True),
        ("PyQt5/Qt5/plugins/platforms/libqwebgl.so", False),
        ("PyQt5/Qt5/plugins/styles/qwindowsvistastyle.dll", True),
        ("PyQt5/Qt5/plugins/sqldrivers/libqsqlite.so", False),
        ("PyQt5/Qt5/translations/qtbase_de.qm", True),
        ("PyQt5/Qt5/translations/qtbase_fr.qm", False),
        ("PyQt5/Qt5/lib/libQt5Qml.so.5", False),
        ("PyQt5/Qt5/lib/libQt5Widgets.so.5", True),
        ("opengl32sw.dll", False),
        ("PyQt5\\Qt5\\bin\\libEGL.dll", False),
        ("libgnutls.so.30", False),
        ("libodbc.so.2", True),
        ("egly.so", True),
        ("flask_swagger_ui/dist/swagger-ui-bundle.js", True),
        ("flask_swagger_ui/dist/swagger-ui.js", False),
        ("sync_gui-0.1.0.dist-info/entry_points.txt", True),
        ("sync_gui-0.1.0.dist-info/direct_url.json", False),
    ],
)
def test_which_files_stay(name: str, stays: bool) -> None:
    assert exe_contents.is_needed((name, "/x", "BINARY")) is stays


def test_the_standard_library_is_named_whole() -> None:
    names = exe_contents.standard_library(sys.stdlib_module_names)
    wanted = {"colorsys", "email.mime.text", "xml.dom.minidom", "sys", "zlib", "logging.handlers"}
    assert wanted <= set(names)
    assert len(names) == len(set(names)) > 500
    never = {"test", "tkinter", "idlelib", "distutils", "ensurepip"}
    assert not never & {name.partition(".")[0] for name in names}
    assert not [name for name in names if name.endswith(".__main__") or ".test" in name]


def test_tools_and_tests_are_left_out() -> None:
    assert exe_contents.is_for_running("sqlalchemy.dialects.mssql.pyodbc")
    assert not exe_contents.is_for_running("mssql_python.connection")
    assert not exe_contents.is_for_running("sqlalchemy.testing.suite")
    assert not exe_contents.is_for_running("keyring.testing")


def test_modules_and_data_are_told_from_a_distributions_files() -> None:
    files = [
        Path("flask_x/__init__.py"),
        Path("flask_x/sub/fast.cpython-311-x86_64-linux-gnu.so"),
        Path("flask_x/tests/test_it.py"),
        Path("flask_x/py.typed"),
        Path("flask_x/dist/page.html"),
        Path("flask_x/__pycache__/__init__.cpython-311.pyc"),
        Path("alone.py"),
        Path("not-a-name.py"),
        Path("../../bin/flask"),
        Path("flask_x-1.dist-info/METADATA"),
    ]
    assert exe_contents.modules_among(files) == ["alone", "flask_x", "flask_x.sub.fast"]
    data = exe_contents.data_among(files)
    assert data == [Path("flask_x/py.typed"), Path("flask_x/dist/page.html")]


def test_a_real_distributions_modules_are_told() -> None:
    installed = metadata.distribution("SQLAlchemy").files or ()
    names = exe_contents.modules_among(installed)
    assert {"sqlalchemy.dialects.mssql.pyodbc", "sqlalchemy.orm"} <= set(names)
    assert not [name for name in names if "testing" in name]


def test_small_packages_are_packed_and_can_be_imported(tmp_path: Path) -> None:
    zones = metadata.distribution("tzdata")
    files = exe_contents.archived_among(zones.files or ())
    assert Path("tzdata/zoneinfo/Europe/Berlin") in files
    assert not [file for file in files if file.suffix == ".pyc" or "dist-info" in file.parts[0]]
    entries = [(str(file), str(zones.locate_file(file)), "DATA") for file in files]
    told = tmp_path / "METADATA"
    told.write_text("Name: packed\nVersion: 1.2\n")
    entries.append(("packed-1.2.dist-info\\METADATA", str(told), "DATA"))
    assert [entry[0] for entry in entries if one_archive.is_metadata(entry)] == [entries[-1][0]]
    for name in ("one.zip", "two.zip"):
        one_archive.write_archive(tmp_path / name, entries)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    script = (
        f"import sys; sys.path.append({str(tmp_path / 'one.zip')!r})\n"
        "import importlib.metadata, zoneinfo\n"
        "zoneinfo.reset_tzpath(())\n"
        "print(importlib.metadata.version('packed'), zoneinfo.ZoneInfo('Asia/Kolkata'))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("1.2 Asia/Kolkata\n", "")


# --- what the program is made of -----------------------------------------------------------------


def test_needs_are_followed_with_markers_and_extras() -> None:
    requires = {
        "app": [
            "Alpha_One>=1",
            "gamma; sys_platform == 'win32'",
            "qt; extra == 'gui'",
            "delta[fast]",
        ],
        "alpha-one": ["app", "linux-only; sys_platform == 'linux'"],
        "delta": ["speed; extra == 'fast'", "slow; extra == 'never'"],
    }
    found = shipped.names_needed("App", ["gui"], requires.get, pins.WINDOWS_MARKERS)
    assert found == ["alpha-one", "app", "delta", "gamma", "qt", "speed"]


def test_the_pinned_wheels_are_those_of_the_constraints() -> None:
    constraints = (ROOT / "constraints.txt").read_text("utf-8")
    assert pins.checked_pins(constraints, shipped.installed_requires)
    changed = constraints.replace("Flask==", "Flask==99.")
    with pytest.raises(pins.PinError, match="--pin-windows"):
        pins.checked_pins(changed, shipped.installed_requires)
    with pytest.raises(pins.PinError, match="no version for flask"):
        pins.checked_pins(changed.replace("Flask==", "Flusk=="), shipped.installed_requires)


def test_a_runtime_must_be_of_the_very_version() -> None:
    known = pins.read_pins(pins.PINS.read_text("utf-8"))
    for python, version in pins.RUNTIME_VERSIONS.items():
        assert pins.runtime_pin(known, python).requirement == f"{pins.RUNTIME}=={version}"
    with pytest.raises(pins.PinError, match=r"3\.11\.8; .* 3\.11\.7"):
        pins.runtime_pin(known, "3.11.8")


def test_no_driver_that_our_licence_forbids_is_pinned() -> None:
    names = {pin.name for pin in pins.read_pins(pins.PINS.read_text("utf-8"))}
    assert {"pyodbc", "pyqt5", "sqlalchemy", "pyinstaller", "pywin32-ctypes"} <= names
    assert not {name for name in names if "mssql" in name}
    assert not {"pyqt6", "pytest", "setuptools"} & names


def test_constraints_of_windows_are_read() -> None:
    text = '# x\nA==1; sys_platform == "win32"\nA==2; sys_platform != "win32"\n\nB_b==3\n'
    assert pins.constrained_versions(text) == {"a": "1", "b-b": "3"}


def test_wheels_come_from_the_cache_and_must_be_the_pinned_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = tmp_path / "a-1-py3-none-any.whl"
    wheel.write_bytes(b"contents")
    digest = hashlib.sha256(b"contents").hexdigest()
    assert fetch.fetch({"a==1": digest}, tmp_path) == {"a==1": wheel}
    line = pins.pin_lines([wheel]).splitlines()[-1]
    assert pins.read_pins(line) == [pins.Pin("a", "1", digest)]
    wheel.write_bytes(b"changed")
    monkeypatch.setattr(fetch, "download", lambda *_: None)  # pip would say the same, later
    with pytest.raises(fetch.FetchError, match="a==1"):
        fetch.fetch({"a==1": digest}, tmp_path)


# --- a Windows Python ----------------------------------------------------------------------------


def test_where_the_runtimes_files_belong() -> None:
    names = ("python311.dll", "VCRUNTIME140.dll", "_ssl.pyd", "libffi-8.dll", "tk86t.dll")
    names += ("api-ms-win-crt-heap-l1-1-0.dll", "_tkinter.pyd", "readme.txt")
    found = python_home.places([*(f"deploy_libs/{name}" for name in names), "panda3d/core.pyd"])
    assert sorted(found.values()) == [
        "DLLs/_ssl.pyd",
        "DLLs/libffi-8.dll",
        "VCRUNTIME140.dll",
        "python311.dll",
    ]


def test_the_stable_interface_hands_everything_on() -> None:
    definition = "LIBRARY python311.dll\nEXPORTS\nPyList_New\nPyExc_OSError DATA\n; a comment\n"
    names = windows_compile.exports(definition)
    assert names == [("PyList_New", False), ("PyExc_OSError", True)]
    assert windows_compile.forwarding("python3.dll", "python311", names).splitlines() == [
        "LIBRARY python3.dll",
        "EXPORTS",
        "  PyList_New=python311.PyList_New",
        "  PyExc_OSError=python311.PyExc_OSError DATA",
    ]


def test_a_path_in_wine() -> None:
    assert windows_path(Path("/tmp/a b/c.spec")) == "Z:\\tmp\\a b\\c.spec"


def test_missing_tools_are_named_by_package() -> None:
    tools = {"python3": "python3", "no-such-tool": "pkg-b", "nor-this-one": "pkg-a"}
    assert system_tools.missing_packages(tools) == ["pkg-a", "pkg-b"]
    asked: list[list[str]] = []
    with pytest.raises(SystemExit, match="pkg-a pkg-b"):
        system_tools.require(tools, lambda packages: bool(asked.append(list(packages))))
    assert asked == [["pkg-a", "pkg-b"]]


# --- the papers ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "numbers"),
    [
        ("0.1.0", (0, 1, 0, 0)),
        ("1.2.3.4", (1, 2, 3, 4)),
        ("2.0rc1", (2, 0, 0, 0)),
        ("1.70000", (1, 65535, 0, 0)),
        ("1.x.3", (1, 0, 0, 0)),
    ],
)
def test_windows_version_numbers(version: str, numbers: tuple[int, ...]) -> None:
    assert version_resource.version_numbers(version) == numbers
    assert f"filevers={numbers}" in version_resource.version_file(version)


def test_the_bill_of_materials(tmp_path: Path) -> None:
    library = tmp_path / "libx.so"
    library.write_bytes(b"elf")
    noon = datetime(2025, 10, 6, 12, tzinfo=timezone.utc)
    text = bill_of_materials.bill_of_materials(
        metadata.distribution("sync-gui"),
        [metadata.distribution("Flask"), metadata.distribution("PyQt5")],
        {"libx.so": library},
        {library: Package("libx1", "1:2.0-1")},
        noon,
    )
    bill = json.loads(text)
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.5")
    assert bill["metadata"]["timestamp"] == "2025-10-06T12:00:00Z"
    assert bill["metadata"]["component"]["type"] == "application"
    parts = {part["name"]: part for part in bill["components"]}
    assert parts["Flask"]["purl"] == f"pkg:pypi/flask@{metadata.version('Flask')}"
    assert parts["Flask"]["licenses"] == [{"expression": "BSD-3-Clause"}]
    assert parts["PyQt5"]["licenses"] == [{"license": {"name": "GPL v3"}}]
    assert parts["cpython"]["version"] == ".".join(map(str, sys.version_info[:3]))
    assert parts["libx.so"]["purl"] == "pkg:deb/debian/libx1@1%3A2.0-1"
    assert parts["libx.so"]["hashes"][0]["content"] == hashlib.sha256(b"elf").hexdigest()
    references = [part["bom-ref"] for part in bill["components"]]
    assert len(references) == len(set(references))


def test_a_library_of_the_system_is_foreign_and_one_of_python_is_not(tmp_path: Path) -> None:
    rows = [
        ("libx.so", str(tmp_path / "libx.so"), "BINARY"),
        ("_ssl", sysconfig.get_path("platstdlib") + "/lib-dynload/_ssl.so", "EXTENSION"),
        ("flask", sysconfig.get_path("platlib") + "/flask/x.so", "EXTENSION"),
        ("libx.so.1", "libx.so", "SYMLINK"),
    ]
    assert bill_of_materials.foreign_libraries(rows) == {"libx.so": tmp_path / "libx.so"}


def test_licences_are_collected() -> None:
    parts = [metadata.distribution(name) for name in ("Flask", "PyQt5", "Werkzeug")]
    text = licence_texts.third_party_licences(parts)
    assert "Redistribution and use in source and binary forms" in text
    assert "Licence: GPL v3" in text
    assert "PYTHON SOFTWARE FOUNDATION LICENSE VERSION 2" in text
    for part in parts:
        assert f"{part.metadata['Name']} {part.version}" in text


@pytest.mark.skipif(not Path("/var/lib/dpkg/status").exists(), reason="only Debian knows packages")
def test_the_debian_package_of_a_file(tmp_path: Path) -> None:
    file = Path("/usr/bin/dpkg-query")
    assert packages_of([file, tmp_path / "none"])[file].name == "dpkg"


# --- the project's files -------------------------------------------------------------------------


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, timeout=30)


@pytest.mark.parametrize("with_git", [True, False])
def test_the_copy_holds_the_sources_alone(tmp_path: Path, with_git: bool) -> None:
    root = tmp_path / "root"
    for name in ("a.py", "sub/b.txt", "build/lib/a.py", ".venv/x.py", "sub/__pycache__/b.pyc"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    if with_git:
        git(root, "init", "--quiet")
        (root / ".git/info/exclude").write_text("build/\n.venv/\n__pycache__/\n")
    files = project_copy.project_files(root)
    assert files == [Path("a.py"), Path("sub/b.txt")]
    project_copy.copy_project(root, files, tmp_path / "copy")
    assert (tmp_path / "copy/sub/b.txt").read_text() == "sub/b.txt"
    for name in ("one.zip", "two.zip"):
        project_copy.zip_project(root, files, tmp_path / name, "folder")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.zip") as packed:
        assert packed.namelist() == ["folder/a.py", "folder/sub/b.txt"]


def test_a_build_is_current_until_something_of_the_program_changes(tmp_path: Path) -> None:
    root, out = tmp_path / "root", tmp_path / "out"
    names = [Path("a.py"), Path("tests/t.py"), Path("README.md"), Path("docs/api.md")]
    shown = [Path("docs/handbuch.md"), Path("docs/images/window.png")]
    names += shown
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("1")
    out.mkdir()
    first = result.fingerprint(root, names)
    assert not result.is_current(out, first)
    (out / "sync_gui_qt").write_bytes(b"program")
    (out / "sync_gui_qt.cdx.json").write_text("{}")
    (out / result.STAMP).write_text(first)
    assert result.is_current(out, first)
    (root / "tests/t.py").write_text("2")
    (root / "docs/api.md").write_text("2")
    assert result.fingerprint(root, names) == first
    for name in shown:  # the window's help carries them
        (root / name).write_text("2")
        assert not result.is_current(out, result.fingerprint(root, names))
        (root / name).write_text("1")
    assert result.fingerprint(root, names) == first
    (root / "a.py").write_text("2")
    assert not result.is_current(out, result.fingerprint(root, names))
    result.write_sums(out)
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", "SHA256SUMS"],
        cwd=out,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.count(": OK")) == (0, 2), done.stderr


def test_the_icon_is_one_that_windows_reads() -> None:
    icon = (ROOT / "packaging" / "sync_gui_qt.ico").read_bytes()
    reserved, kind, count = struct.unpack("<HHH", icon[:6])
    assert (reserved, kind, count) == (0, 1, len(draw_icon.SIZES))
    edges = []
    for index in range(count):
        entry = icon[6 + 16 * index : 22 + 16 * index]
        length, offset = struct.unpack("<II", entry[8:])
        assert icon[offset : offset + 8] == b"\x89PNG\r\n\x1a\n"
        assert len(icon) >= offset + length
        edges.append(struct.unpack(">I", icon[offset + 16 : offset + 20])[0])
    assert tuple(edges) == draw_icon.SIZES


def test_the_folder_packaging_is_not_the_distribution_of_that_name() -> None:
    import packaging

    assert packaging.__file__ is not None
    assert not Path(packaging.__file__).is_relative_to(ROOT / "packaging")
    assert not (ROOT / "packaging" / "__init__.py").exists()
