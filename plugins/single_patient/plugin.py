"""The plugin's hook implementations. Qt is imported by the panel's factory only."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from marshmallow import Schema, fields, validate

from hookspecs import HealthCheck, HostContext, PanelSpec, TaskKind, hookimpl
from plugins.single_patient.blueprint import create_blueprint
from plugins.single_patient.health import check_sqlhk, check_sqlhk_rights
from plugins.single_patient.kind import create_kind
from plugins.single_patient.single_patient_sync import SinglePatientSynchronizer
from plugins.single_patient.sqlhk_dialect import dialect_for
from plugins.single_patient.sqlhk_engine import create_sqlhk_engine
from plugins.single_patient.sqlhk_password import find_password
from plugins.single_patient.statement_guard import install_guard
from plugins.single_patient.unit_of_work import Sqlhk

if TYPE_CHECKING:
    from flask_smorest import Blueprint
    from PyQt5.QtWidgets import QWidget


class SinglePatientSettings(Schema):
    """The table ``[plugins.single_patient]``."""

    query_timeout = fields.Integer(
        strict=True,
        load_default=15,
        validate=validate.Range(min=1, max=60),
        metadata={
            "label_de": "Abfragezeit (s)",
            "description": "Seconds after which SQL Server gives up a statement.",
            "description_de": "So lange darf der SQL-Server an einer Anweisung arbeiten.",
        },
    )
    login_timeout = fields.Integer(
        strict=True,
        load_default=5,
        validate=validate.Range(min=1, max=60),
        metadata={
            "label_de": "Anmeldezeit (s)",
            "description": "Seconds to wait for a connection to SQL Server.",
            "description_de": "So lange wird auf eine Verbindung zum SQL-Server gewartet.",
        },
    )


class SinglePatientPlugin:
    """The plugin, one object for each run of the program; it lives between start and stop."""

    sync_gui_contract = 1
    sync_gui_summary_de = (
        "Der Abgleich einzelner Patienten: überträgt die Termine eines Patienten aus CallDoc nach "
        "SQLHK, aus dem Fenster oder für andere Programme."
    )

    def __init__(self) -> None:
        self._sqlhk: Sqlhk | None = None
        self._synchronizer: SinglePatientSynchronizer | None = None

    @hookimpl
    def sync_gui_settings_schema(self) -> type[Schema]:
        """The plugin's own settings."""
        return SinglePatientSettings

    @hookimpl
    def sync_gui_start(self, context: HostContext) -> None:
        """Build the engine with its guard, and the synchronizer on it."""
        if context.settings.sqlhk.url:
            self._sqlhk = open_sqlhk(context)
        if self._sqlhk is None or missing_settings(context):
            return
        self._synchronizer = SinglePatientSynchronizer(
            context.calldoc, self._sqlhk, context.settings.mapping, context.logger
        )

    @hookimpl
    def sync_gui_stop(self) -> None:
        """Close the database connections."""
        if self._sqlhk is not None:
            self._sqlhk.engine.dispose()
        self._sqlhk = None
        self._synchronizer = None

    @hookimpl
    def sync_gui_task_kinds(self, context: HostContext) -> Sequence[TaskKind]:
        """The kind ``single_patient``."""
        return [create_kind(self._synchronizer, missing_settings(context))]

    @hookimpl
    def sync_gui_blueprints(self, context: HostContext) -> Sequence[Blueprint]:
        """``POST /api/sync/patient``."""
        return [create_blueprint(context)]

    @hookimpl
    def sync_gui_panels(self, context: HostContext) -> Sequence[PanelSpec]:
        """The panel *Einzelner Patient*."""

        def factory() -> QWidget:
            from plugins.single_patient.panel.panel import (  # noqa: PLC0415 - Qt only here
                create_panel,
            )

            return create_panel(context)

        return [PanelSpec("single_patient", "Einzelner Patient", factory, icon="patient", order=10)]

    @hookimpl
    def sync_gui_health_checks(self, context: HostContext) -> Sequence[HealthCheck]:
        """SQLHK, when it is configured."""
        sqlhk = self._sqlhk
        if sqlhk is None:
            return []
        return [
            HealthCheck(
                "sqlhk",
                "SQLHK",
                run=lambda seconds: check_sqlhk(sqlhk, seconds),
                thorough=lambda seconds: check_sqlhk_rights(sqlhk, seconds),
            )
        ]


def open_sqlhk(context: HostContext) -> Sqlhk:
    """The registry of the configuration, guarded. Raises ``SettingsError``."""
    settings = context.settings
    engine = create_sqlhk_engine(
        settings.sqlhk.url or "",
        password=find_password(settings.sqlhk.url or "", settings.sqlhk.password_env, os.environ),
        connections=settings.tasks.workers,
        query_timeout=context.plugin_settings["query_timeout"],
        login_timeout=context.plugin_settings["login_timeout"],
    )
    dialect = dialect_for(engine)
    install_guard(engine, dialect.statements, context.logger)
    return Sqlhk(engine, dialect)


def missing_settings(context: HostContext) -> str:
    """The settings without which nothing can be synced, as a list for people; empty if none."""
    settings = context.settings
    names = {
        "calldoc.base_url": settings.calldoc.base_url,
        "calldoc.patient_url": settings.calldoc.patient_url,
        "sqlhk.url": settings.sqlhk.url,
    }
    return ", ".join(name for name, value in names.items() if not value)


plugin = SinglePatientPlugin()
"""What the entry point names."""
