"""One run of the program, with or without a window: what it needs, from start to end."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from types import TracebackType

import platformdirs

from hookspecs import Bridge, NamesHidden
from sync_core.data_dir import DataFolderLock, create_data_dir, resolve_data_dir
from sync_core.key_store import KeyStore, KeyStoreInMemory, SystemKeyStore
from sync_core.logs import configure_logging
from sync_core.settings import CallDocSettings, GatewaySettings, Settings, SqlhkSettings
from sync_core.settings_loader import (
    find_settings_file,
    load_settings,
    users_settings_file,
    with_overrides,
)
from sync_core.settings_place import SettingsPlace, origins
from sync_core.settings_sources import from_environment
from sync_program.api_control import ApiSwitch
from sync_program.command_line import Options
from sync_program.crash_stack import crashes_written_to
from sync_program.plugin_output import plugin_output_to_log
from sync_program.program import Program, ProgramParts

DEMO_FOLDER = "sync_gui_demo"


@dataclass(frozen=True)
class RunPlan:
    """What is going to be run: settings, data folder, demo or not.

    ``place`` is where the settings are kept, ``key_store`` where secrets are; a demo touches
    neither the practice's file nor the system's key store. ``check_only``: plugins are told to
    start nothing of their own accord.
    """

    version: str
    settings: Settings
    data_dir: Path
    base_folder: Path
    demo: bool
    safe_mode: bool
    place: SettingsPlace = field(default_factory=SettingsPlace)
    key_store: KeyStore = field(default_factory=SystemKeyStore)
    retry_plugins: tuple[str, ...] = ()
    check_only: bool = False

    def claim_folder(self) -> DataFolderLock:
        """The claimed data folder, made if need be.

        Raises ``DataFolderInUseError`` and ``SettingsError``.
        """
        create_data_dir(self.data_dir)
        lock = DataFolderLock(self.data_dir)
        lock.acquire()
        return lock


def plan_run(options: Options, version: str) -> RunPlan:
    """Read the settings. Raises ``SettingsError``.

    A demo reads no settings file: it must never write where the practice's settings point.
    """
    frozen = bool(getattr(sys, "frozen", False))
    program_folder = Path(sys.executable).parent if frozen else Path(__file__).parent.parent
    file = None
    if not options.demo:
        beside = program_folder if frozen else Path.cwd()
        file = find_settings_file(options.config, os.environ, beside)
    settings = with_overrides(
        load_settings(file, os.environ),
        host=options.host,
        port=options.port,
        data_dir=options.data_dir,
        disabled=options.disable_plugin,
    )
    if options.demo and settings.data_dir is None:
        data_dir = platformdirs.user_data_path(DEMO_FOLDER, appauthor=False)
    else:
        data_dir = resolve_data_dir(settings)
    return RunPlan(
        version,
        settings,
        data_dir,
        program_folder,
        options.demo,
        options.safe_mode,
        place=_place(options, file),
        key_store=KeyStoreInMemory() if options.demo else SystemKeyStore(),
        retry_plugins=options.retry_plugin,
        check_only=options.check,
    )


def _place(options: Options, file: Path | None) -> SettingsPlace:
    given = {
        "api.host": ("--host", options.host),
        "api.port": ("--port", options.port),
        "data_dir": ("--data-dir", options.data_dir),
    }
    fixed = origins(from_environment(os.environ), given)
    if options.demo:
        return SettingsPlace(None, fixed)
    return SettingsPlace((file or users_settings_file()).absolute(), fixed)


class Running:
    """The running program; a context manager. The data folder must be claimed before.

    Attributes: ``settings`` (those in force; a demo's are its own), ``program``, ``api`` (not
    opened yet), ``demo_control`` (where the simulated systems' switches are; None without a demo).
    :meth:`end` may be called earlier than the block ends, and more than once.
    """

    def __init__(
        self,
        plan: RunPlan,
        bridge: Bridge,
        names: NamesHidden,
        builtins: Sequence[tuple[str, object]] = (),
    ) -> None:
        with ExitStack() as undo:
            log = configure_logging(plan.data_dir, plan.settings.log.level)
            undo.callback(log.close)
            logging.getLogger("sync_gui").info("start version=%s demo=%s", plan.version, plan.demo)
            settings = plan.settings
            self.demo_control: str | None = None
            if plan.demo:
                settings = self._start_demo(plan, undo)
            self.settings = settings
            self.program = Program(
                settings,
                ProgramParts(
                    version=plan.version,
                    data_dir=plan.data_dir,
                    base_folder=plan.base_folder,
                    bridge=bridge,
                    names=names,
                    builtins=builtins,
                    demo=plan.demo,
                    safe_mode=plan.safe_mode,
                    place=plan.place,
                    key_store=plan.key_store,
                    retry_plugins=plan.retry_plugins,
                    check_only=plan.check_only,
                ),
            )
            undo.callback(self.program.memory.close)
            undo.enter_context(crashes_written_to(self.program.memory.crash_file))
            undo.enter_context(plugin_output_to_log())
            undo.callback(self.program.shutdown)
            self.api: ApiSwitch = self.program.start()
            self._undo = undo.pop_all()

    def __enter__(self) -> Running:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end()

    def end(self) -> None:
        """End everything; the port is free afterwards."""
        self._undo.close()

    def _start_demo(self, plan: RunPlan, undo: ExitStack) -> Settings:
        from demo.systems import DemoSystems  # noqa: PLC0415 - of no use to anybody else

        today = date.today()
        systems = undo.enter_context(DemoSystems.start(plan.data_dir, today=today))
        self.demo_control = systems.control_url
        logging.getLogger("sync_gui").info("demo switches at %s", systems.control_url)
        return replace(
            plan.settings,
            calldoc=CallDocSettings(
                base_url=systems.calldoc_base_url, patient_url=systems.patient_url
            ),
            sqlhk=SqlhkSettings(url=systems.sqlhk_url),
            gateway=GatewaySettings(url=systems.gateway_url),
        )
