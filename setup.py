"""Package metadata and entry points; tool settings live in ``pyproject.toml``."""

from pathlib import Path

from setuptools import setup

HERE = Path(__file__).parent

setup(
    name="sync-gui",
    version="0.1.0",
    description="Carries appointments from CallDoc to the SQLHK registry; a host for plugins",
    long_description=(HERE / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="GPL-3.0-or-later",
    python_requires=">=3.10",
    py_modules=[
        "calldoc_interface",
        "day_sync",
        "hookspecs",
        "mssql_api_client",
        "patient_synchronizer",
        "sync_api_server",
        "sync_gui_qt",
        "untersuchung_synchronizer",
    ],
    packages=[
        "api_blueprints",
        "day_task",
        "demo",
        "plugin_host",
        "plugin_template",
        "plugins",
        "plugins.single_patient",
        "plugins.single_patient.panel",
        "sync_core",
        "sync_gui",
        "sync_gui.help",
        "sync_gui.settings_dialog",
        "sync_gui.day_panel",
        "sync_gui_testing",
        "sync_program",
    ],
    # The pages that the window's help shows are carried along; their place is with the others.
    package_dir={"sync_gui.help": "docs"},
    package_data={
        "plugin_template": ["files/*", "files/.*", "files/*/*"],
        "sync_gui": ["data/*"],
        "sync_gui.help": ["handbuch.md", "erste-schritte.md", "fehlermeldungen.md", "images/*.png"],
    },
    install_requires=[
        "filelock",
        "Flask>=3.1",
        "flask-smorest>=0.46",
        "flask-swagger-ui>=5.20",
        "Jinja2>=3.1",
        "keyring>=25",
        "marshmallow>=4",
        "platformdirs>=4",
        "pluggy>=1.5",
        "pyodbc>=5",
        "requests>=2.32",
        "SQLAlchemy>=2.0.30",
        "tomli>=2; python_version < '3.11'",
        "tomlkit>=0.13",
        "tzdata",
        "waitress>=3",
    ],
    extras_require={
        # For source installations without an ODBC driver only: its driver's licence does not go
        # with the GPL, so it is never shipped with the program.
        "mssql-python": ["mssql-python"],
        # The window. ``--headless`` runs without it.
        "gui": ["PyQt5>=5.15.9"],
        # The one-file program; installed by `dev.py build` into an environment of its own.
        "build": ["pyinstaller>=6.22", "pyinstaller-hooks-contrib"],
        "test": [
            "hypothesis",
            "mypy",
            "openapi-python-client",
            "openapi-spec-validator",
            "psutil",
            "PyQt5-stubs",
            "pytest>=8",
            "pytest-qt",
            "pytest-timeout",
            "pytest-xdist",
            "ruff",
            "schemathesis",
            "setuptools",
            "types-requests",
            "types-waitress",
            "wheel",
        ],
    },
    entry_points={
        "sync_gui.plugins": ["single_patient = plugins.single_patient.plugin:plugin"],
        "console_scripts": ["sync_gui_qt = sync_gui_qt:main"],
        # Fixtures for those who write plugins.
        "pytest11": ["sync_gui = sync_gui_testing.plugin"],
    },
)
