"""Who may import whom, as a table, and a walk over every module that holds it.

A name in the table allows the module of that name and everything below it. Imports inside
functions count like any other. Imports for the type checker only are allowed where the table says
*types*, and where the import itself would be.
"""

from __future__ import annotations

import ast
import statistics
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Allowed:
    """What the modules of one group may import of ours; each group may import itself."""

    imports: tuple[str, ...] = ()
    types: tuple[str, ...] = ()


CLIENTS = ("calldoc_interface", "mssql_api_client")
DAY_SYNC = ("patient_synchronizer", "untersuchung_synchronizer", "day_sync")
HOST = ("plugin_host", "sync_api_server")
GROUND = ("hookspecs", "sync_core")

OF_A_CLIENT = Allowed(("sync_core", *CLIENTS, *DAY_SYNC))
OF_THE_HOST = Allowed((*GROUND, *HOST, "api_blueprints"))

TABLE = {
    "hookspecs": Allowed(types=("sync_core", *CLIENTS, *DAY_SYNC, "api_blueprints", "sync_gui")),
    "sync_core": Allowed(),
    **dict.fromkeys((*CLIENTS, *DAY_SYNC), OF_A_CLIENT),
    **dict.fromkeys(HOST, OF_THE_HOST),
    "api_blueprints": Allowed((*GROUND, *CLIENTS, *DAY_SYNC)),
    # A builtin plugin: what it needs of the API it gets from its context, as every plugin does.
    "day_task": Allowed((*GROUND, *CLIENTS, *DAY_SYNC)),
    "sync_gui": Allowed((*GROUND, "plugin_host", *CLIENTS, *DAY_SYNC)),
    # How the program is put together: it may know everything but the plugins.
    **dict.fromkeys(
        ("sync_program", "sync_gui_qt"),
        Allowed(
            (
                *(*GROUND, *HOST, *CLIENTS, *DAY_SYNC),
                *("api_blueprints", "day_task", "sync_gui", "sync_program", "demo"),
                "plugin_template",
            )
        ),
    ),
    "demo": Allowed(("sync_core",)),
    "plugin_template": Allowed(),
    # Measures the program from outside; only the journal is filled through its own door.
    "benchmarks": Allowed(("sync_core", "demo")),
    "benchmarks.heartbeat_plugin": Allowed(("hookspecs",)),
    # Shows the real program in the demo, panels and dialogs as staff see them.
    "screenshots": Allowed((*GROUND, "sync_gui", "sync_program")),
    # Makes the one-file program: its first module starts ours, its icon is the window's.
    "packaging": Allowed(("sync_gui_qt", "sync_program.exe_process", "sync_gui.icons")),
    # The program in a test's process, for those who write plugins.
    "sync_gui_testing": Allowed((*GROUND, "plugin_host", "sync_gui", "sync_program", "demo")),
    "plugins": Allowed(),
    "plugins.single_patient": Allowed(
        (*GROUND, "calldoc_interface", "api_blueprints.base", "sync_gui.bridge")
    ),
}

QT_MODULES = (
    "sync_gui",
    "packaging.draw_icon",
    "sync_program.start_problem",
    "sync_program.window",
    "sync_gui_testing.window",
    "plugins.single_patient.panel",
    "screenshots",
    "benchmarks.heartbeat_plugin",
)
WEB_MODULES = (
    *("api_blueprints", *HOST, "day_task", "sync_program.api_control"),
    "plugins.single_patient",
)
LIBRARIES = {
    "PyQt5": QT_MODULES,
    "flask": WEB_MODULES,
    "flask_smorest": WEB_MODULES,
    "werkzeug": WEB_MODULES,
    "waitress": ("api_blueprints", "sync_api_server"),
    "sqlalchemy": ("plugins.single_patient",),
    "pluggy": ("hookspecs", "plugin_host"),
}
"""Libraries that only some of our modules know."""

NOT_OF_THE_PROGRAM = ("setup", "dev")
FOLDERS = (
    "api_blueprints",
    "benchmarks",
    "day_task",
    "demo",
    "packaging",
    "plugin_host",
    "plugin_template",
    "plugins",
    "screenshots",
    "sync_core",
    "sync_gui",
    "sync_gui_testing",
    "sync_program",
)
WINDOW = ("PyQt5", "sync_gui")
LONGEST_MODULE = 400
LONGER = {"hookspecs": 480}
"""Who may be longer: the contract is what plugins' authors read, from one end to the other."""
LONGEST_MEDIAN = 250


def program_files() -> list[Path]:
    files = [file for file in ROOT.glob("*.py") if file.stem not in NOT_OF_THE_PROGRAM]
    for folder in FOLDERS:
        files += (ROOT / folder).rglob("*.py")
    return sorted(files)


def module_name(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {module_name(file): file for file in program_files()}


@dataclass(frozen=True)
class Import:
    """One import: the dotted name, its line, and where it stands."""

    name: str
    line: int
    types_only: bool
    in_function: bool


class ImportFinder(ast.NodeVisitor):
    """Collects every import of a module, those by name through importlib included."""

    def __init__(self, module: str, is_package: bool) -> None:
        self.found: list[Import] = []
        self._package = module if is_package else module.rpartition(".")[0]
        self._types_only = False
        self._functions = 0

    def _add(self, name: str, line: int) -> None:
        self.found.append(Import(name, line, self._types_only, self._functions > 0))

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self._add(alias.name, node.lineno)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        base = node.module or ""
        if node.level:
            above = self._package.split(".")[: len(self._package.split(".")) - node.level + 1]
            base = ".".join([*above, *([base] if base else [])])
        for alias in node.names:
            whole = f"{base}.{alias.name}"
            self._add(whole if whole in FILES else base, node.lineno)

    def visit_If(self, node: ast.If) -> None:
        outside = self._types_only
        self._types_only = outside or ast.unparse(node.test).endswith("TYPE_CHECKING")
        for child in node.body:
            self.visit(child)
        self._types_only = outside
        for child in node.orelse:
            self.visit(child)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> None:
        self._functions += 1
        self.generic_visit(node)
        self._functions -= 1

    visit_AsyncFunctionDef = visit_Lambda = visit_FunctionDef

    def visit_Call(self, node: ast.Call) -> None:
        function = ast.unparse(node.func).rpartition(".")[2]
        if function in ("import_module", "__import__") and node.args:
            target = node.args[0]
            if isinstance(target, ast.Constant) and isinstance(target.value, str):
                self._add(target.value, node.lineno)
        self.generic_visit(node)


def imports_of(module: str, source: str, is_package: bool = False) -> list[Import]:
    finder = ImportFinder(module, is_package)
    finder.visit(ast.parse(source))
    return finder.found


def below(name: str, tops: tuple[str, ...]) -> bool:
    return any(name == top or name.startswith(f"{top}.") for top in tops)


def group_of(module: str) -> str:
    """The longest name of the table that the module is or lies below."""
    groups = [group for group in TABLE if below(module, (group,))]
    assert groups, f"{module} stands in no group: say in TABLE what it may import"
    return max(groups, key=len)


def forbidden(module: str, imports: list[Import]) -> Iterator[str]:
    group = group_of(module)
    allowed = TABLE[group]
    for one in imports:
        ours = below(one.name, tuple(TABLE))
        types = allowed.types if one.types_only else ()
        if ours and not below(one.name, (group, *allowed.imports, *types)):
            yield f"line {one.line}: {module} must not import {one.name}"
        library = one.name.partition(".")[0]
        if library in LIBRARIES and not one.types_only and not below(module, LIBRARIES[library]):
            yield f"line {one.line}: {module} must not know {library}"
        on_loading = not (one.in_function or one.types_only)
        if module == "sync_gui_qt" and on_loading and below(one.name, WINDOW):
            yield f"line {one.line}: {one.name} is imported where a window is wanted only"


@pytest.mark.parametrize("module", FILES)
def test_a_module_imports_only_what_the_table_allows(module):
    file = FILES[module]
    imports = imports_of(module, file.read_text("utf-8"), file.name == "__init__.py")
    assert list(forbidden(module, imports)) == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("sync_core.x", "import hookspecs"),
        ("sync_core.x", "def f():\n    from PyQt5.QtCore import QObject"),
        ("sync_core.x", "from ..api_blueprints import base"),
        ("hookspecs", "from sync_core import settings"),
        ("hookspecs", "if TYPE_CHECKING:\n    import plugins.single_patient"),
        ("hookspecs", "if TYPE_CHECKING:\n    pass\nelse:\n    import sync_core"),
        ("api_blueprints.x", "if typing.TYPE_CHECKING:\n    from sync_gui import bridge"),
        ("plugin_host", "importlib.import_module('plugins.single_patient.plugin')"),
        ("plugins.single_patient.plugin", "from sync_gui import icons"),
        ("plugins.single_patient.plugin", "from PyQt5 import QtCore"),
        ("plugins.single_patient.plugin", "import plugins.other"),
        ("demo.x", "import hookspecs"),
        ("sync_gui_qt", "from sync_gui import main_window"),
        ("sync_gui.x", "import sync_gui_qt"),
        ("calldoc_interface", "import hookspecs"),
    ],
)
def test_the_walk_finds_what_is_forbidden(module, source):
    assert len(list(forbidden(module, imports_of(module, source)))) == 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("hookspecs", "if TYPE_CHECKING:\n    from sync_core import settings"),
        ("sync_core.x", "from . import errors\nfrom .errors import Refusal\nimport json"),
        ("plugins.single_patient.x", "from sync_gui.bridge import QtBridge\nimport hookspecs"),
        ("sync_gui_qt", "def window():\n    from sync_gui import main_window"),
    ],
)
def test_the_walk_passes_what_is_allowed(module, source):
    assert list(forbidden(module, imports_of(module, source))) == []


# --- plugins are found, never named --------------------------------------------------------------


def code_without_docstrings(source: str) -> str:
    tree = ast.parse(source)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            # Texts that stand for themselves are documentation, and that may give examples.
            node.body = [one for one in body if not is_lone_text(one)] or [ast.Pass()]
    return ast.unparse(tree)


def is_lone_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


@pytest.mark.parametrize("module", [name for name in FILES if not below(name, ("plugins",))])
def test_no_module_of_the_host_names_a_plugin(module):
    code = code_without_docstrings(FILES[module].read_text("utf-8"))
    assert "single_patient" not in code
    assert "SinglePatient" not in code


def test_only_the_plugin_host_uses_the_plugin_manager():
    users = [
        module
        for module, file in FILES.items()
        if "PluginManager" in code_without_docstrings(file.read_text("utf-8"))
    ]
    assert users == ["plugin_host.host"]


# --- without a window ----------------------------------------------------------------------------

HEADLESS = ("hookspecs", "sync_core", "api_blueprints", "day_task", *HOST, *CLIENTS, *DAY_SYNC)


def test_the_host_and_the_plugins_hooks_load_no_qt():
    modules = [name for name in FILES if below(name, (*HEADLESS, "plugins.single_patient"))]
    modules = [name for name in modules if not below(name, QT_MODULES)]
    assert {"hookspecs", "sync_core.settings", "plugin_host"} <= set(modules)
    code = (
        "import importlib, sys\n"
        "sys.modules['PyQt5'] = None  # as if it were not installed\n"
        "for name in sys.argv[1:]: importlib.import_module(name)\n"
        "print([name for name in sys.modules if name.startswith(('PyQt5.', 'sync_gui'))])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *modules],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert (done.stdout, done.returncode) == ("[]\n", 0), done.stderr


# --- small modules -------------------------------------------------------------------------------


def lines_of(file: Path) -> int:
    return len(file.read_text("utf-8").splitlines())


@pytest.mark.parametrize("module", FILES)
def test_no_module_grows_too_long(module):
    assert lines_of(FILES[module]) <= LONGER.get(module, LONGEST_MODULE)


def test_modules_are_small_on_the_whole(record_property):
    sizes = [lines_of(file) for file in FILES.values() if file.name != "__init__.py"]
    median = statistics.median(sizes)
    record_property("median_module_lines", median)
    assert median <= LONGEST_MEDIAN
