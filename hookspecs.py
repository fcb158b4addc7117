"""The contract between the program and its plugins.

A plugin is a module or object, named by an entry point of the group ``sync_gui.plugins``, that
carries functions marked with :data:`hookimpl`. It imports this module and nothing else of the
program; everything it may use comes in through :class:`HostContext`. For annotations it may import
from here, for the type checker only, the types that this module imports so itself.

Every hook is described under four headings: *Called* (when, and on which thread), *Returns*,
*Raises* (what happens if it does) and *Example of use* (what in the program relies on it).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

import pluggy

if TYPE_CHECKING:
    import logging
    from pathlib import Path

    from flask import Response
    from flask_smorest import Blueprint
    from marshmallow import Schema
    from PyQt5.QtWidgets import QWidget

    # With "as": a plugin may import these from here for its annotations, as we do for ours.
    from api_blueprints.base import StrictBlueprint as StrictBlueprint
    from calldoc_interface import CallDocInterface as CallDocInterface
    from sync_core.appointments import Appointment as Appointment
    from sync_core.errors import Refusal as Refusal
    from sync_core.errors import TaskError as TaskError
    from sync_core.listed_appointments import ListedAppointments as ListedAppointments
    from sync_core.outcome_resolver import Resolve as Resolve
    from sync_core.run_control import RunControl as RunControl
    from sync_core.run_control import StopReason as StopReason
    from sync_core.settings import Settings as Settings
    from sync_core.task_model import DayLock as DayLock
    from sync_core.task_model import Resolution as Resolution
    from sync_core.task_model import TaskContext as TaskContext
    from sync_core.task_model import TaskListener as TaskListener
    from sync_core.task_model import TaskOrder as TaskOrder
    from sync_core.task_model import TaskOutcome as TaskOutcome
    from sync_core.task_model import TaskPage as TaskPage
    from sync_core.task_model import TaskSource as TaskSource
    from sync_core.task_model import TaskStatus as TaskStatus
    from sync_core.task_model import TaskView as TaskView
    from sync_core.task_model import TaskWarning as TaskWarning
    from sync_core.task_model import Writing as Writing

PROJECT = "sync_gui"
ENTRY_POINT_GROUP = "sync_gui.plugins"
CONTRACT_VERSION = 1
"""The contract's major number. A plugin names the one it was written for in its attribute
``sync_gui_contract``; without that attribute 1 is meant. Beside it a plugin may have
``sync_gui_summary_de``: a German sentence for the list of plugins, which says what it brings."""

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@dataclass(frozen=True)
class PanelSpec:
    """A panel that the window shows in a frame of its own.

    ``id`` is unique over all plugins (``a-z``, digits, ``_``), ``title`` is German. ``factory``
    builds the widget; it is called once, on the GUI thread, when the window is built, and is the
    only place where a plugin imports Qt. ``area`` is a tab in the centre or a dock at the right
    or the bottom. ``icon`` is a name of the program's icon set, or empty. ``order`` sorts panels
    of one area, small numbers first.
    """

    id: str
    title: str
    factory: Callable[[], QWidget]
    area: Literal["centre", "right", "bottom"] = "centre"
    icon: str = ""
    order: int = 100


@dataclass(frozen=True)
class TaskKind:
    """A kind of task that a plugin brings.

    ``name`` stands in every status as ``kind``. ``status_schema`` describes the kind's own fields
    of the status call (the common fields are the program's), ``example`` is one complete status
    for the documentation, ``label_de`` what staff read. ``prepare`` turns a request (the kind's
    own fields, JSON types) into an order; it raises ``marshmallow.ValidationError`` for a bad
    request and a ``Refusal`` (see :class:`ApiBase`) for what cannot be done now. ``resolve``
    compares an intent, which a task wrote with ``TaskContext.intend`` before its commit, with
    what is there, when nobody knows whether the commit was carried out: after a broken connection
    and after a crash. It is called on a worker thread with the intent, a control, and a function
    that tells the intents of the kind recorded since; it raises a ``TaskError`` when it cannot ask
    now. None: the kind's tasks write no intents.

    An order's ``writing`` says whether its task writes in one transaction (``AT_ONCE``) or without
    (``STEP_BY_STEP``): then each write goes inside ``TaskContext.control.step``, ``keep`` is called
    after each, no intents are written, and a status never denies what was written. A row to be
    deleted stands in the receipts first (``TaskContext.record_deletion``, ``record_kept``).
    """

    name: str
    label_de: str
    status_schema: type[Schema]
    example: Mapping[str, Any]
    prepare: Callable[[Mapping[str, Any], TaskSource, str], TaskOrder]
    resolve: Resolve | None = None


@dataclass(frozen=True)
class HealthResult:
    """What a health check found. ``message`` is English, one line, without personal data.

    ``message_de`` is what staff read instead: one or two German sentences, what it means for
    their work and, when it is not ok, what to do. None: the window says it in general words.
    """

    ok: bool
    message: str
    message_de: str | None = None


@dataclass(frozen=True)
class HealthCheck:
    """A question whether something foreign is there.

    ``name`` is the key under ``checks`` of ``/health/ready`` and the line of ``--check``.
    ``label_de`` is the light in the status bar. ``run`` gets the seconds it may take, is called
    on a worker thread, changes nothing, and returns; what it raises counts as not ok.
    ``thorough`` is the same for ``--check``, which may take longer and look at rights, too; None:
    ``run`` serves for both. ``needed`` false: the program does its work without it, so its failure
    is shown everywhere and yet ``/health/ready`` and ``--check`` call the program ready.
    """

    name: str
    label_de: str
    run: Callable[[float], HealthResult]
    thorough: Callable[[float], HealthResult] | None = None
    needed: bool = True


class TaskService(Protocol):
    """Starting and following tasks of any kind. Every method may be called from any thread."""

    def kinds(self) -> Sequence[str]:
        """The names of the kinds that loaded plugins bring now; plugins may come later."""

    def start(
        self,
        kind: str,
        request: Mapping[str, Any],
        source: TaskSource,
        request_id: str | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> TaskView:
        """Start a task; returns its first picture.

        ``idempotency_key`` (1 to 128 visible ASCII characters): used for the same request within
        24 hours, nothing is started and that task's picture is returned, running or ended. Only
        a task that was accepted uses up its key.

        Raises ``marshmallow.ValidationError`` for a bad request and a ``Refusal`` for what the
        API answers with 409, 422, 429 or 503.
        """

    def get(self, task_id: str) -> TaskView | None:
        """The task's picture now, or None when no task has this id."""

    def active(self) -> Sequence[TaskView]:
        """Pending and running tasks, oldest first."""

    def ended(self, *, kind: str | None = None, limit: int = 200) -> Sequence[TaskView]:
        """Ended tasks, newest first, those of earlier runs included."""

    def history(
        self,
        *,
        kind: str | None = None,
        status: TaskStatus | None = None,
        offset: int = 0,
        limit: int = 50,
    ) -> TaskPage:
        """The same by pages: ``limit`` tasks after the first ``offset``, and the number of all."""

    def cancel(self, task_id: str) -> bool:
        """Ask a task to stop; False when there is none that could."""

    def wait(self, task_id: str, seconds: float) -> TaskView | None:
        """Wait until the task has ended or the time is over; its picture then."""

    def listen(self, listener: TaskListener) -> Callable[[], None]:
        """Call ``listener`` with each new picture of each task; returns how to stop that.

        It is called on the thread that changed the task: it must be quick and must not raise.
        """


class Bridge(Protocol):
    """The one way from worker threads to the window. Without a window nothing is delivered."""

    def emit(self, topic: str, value: object) -> None:
        """Send an immutable value to the topic's receivers. From any thread."""

    def subscribe(self, topic: str, receiver: Callable[[Any], None]) -> Callable[[], None]:
        """Call ``receiver`` on the GUI thread for each value; returns how to stop that.

        The program's own topics: ``task_changed`` (``TaskView``), ``names_hidden`` (``bool``),
        ``health`` (mapping of check name to ``HealthResult``), ``plugins_changed`` (a plugin was
        taken in or given up after the window came).
        """

    def in_background(self, work: Callable[[], Any], receiver: Callable[[Any], None]) -> None:
        """Run ``work`` on a worker thread, then ``receiver(result)`` on the GUI thread.

        What ``work`` raises is logged and not delivered.
        """


class ApiBase(Protocol):
    """What every blueprint shares: errors as problem documents, security, documentation."""

    def blueprint(self, name: str, description: str) -> StrictBlueprint:
        """A flask-smorest blueprint with the program's error answers documented.

        Paths are given in full (``/api/…``). Queries and bodies are refused when they hold
        unknown names. Its decorator ``starts_task`` documents a view that answers with
        :meth:`start_task`.
        """

    def refusal(self, code: str, detail: str, **members: Any) -> Exception:
        """The exception that answers with the problem document of ``code``."""

    def request_id(self) -> str:
        """The id of the request being answered."""

    def client(self) -> TaskSource:
        """Who sends the request being answered."""

    def start_task(self, kind: str, body: Mapping[str, Any], message: str) -> Response:
        """Start a task of ``kind`` for the request being answered, and make the answer.

        ``body`` holds the kind's own fields in JSON types, ``message`` is the English sentence
        of the 202 answer. What every call that starts a task promises is kept in here: the
        headers ``Idempotency-Key`` and ``Prefer: wait`` are honoured, and the answer is 202 with
        the task's id, status path and deadline, or 200 with the task's status when it ended
        within the wanted wait.

        Raises what :meth:`TaskService.start` raises, and a refusal for a key that is none; the
        view lets them pass.
        """


class NamesHidden(Protocol):
    """The switch *Namen verbergen* of the window."""

    @property
    def hidden(self) -> bool:
        """Whether patients' names must not be shown now; changes come over the bridge."""


@dataclass(frozen=True)
class Versions:
    """Version of the program and of this contract."""

    program: str
    contract: int = CONTRACT_VERSION


@dataclass(frozen=True)
class ErrorTypes:
    """The program's exceptions that a plugin may want to catch.

    ``refusal``: a task was not started or a request is not carried out; it has ``code`` (of the
    API's error list) and ``detail`` (English). ``task_error``: something foreign failed, CallDoc
    for instance; it has ``code`` (an ``error_code``) and ``message`` (German). None of these
    texts holds a patient's name. Everything else is a fault.

    ``advice_de`` tells in German what to do about an ``error_code``; empty for an unknown one.
    """

    refusal: type[Refusal]
    task_error: type[TaskError]
    advice_de: Callable[[str], str]


@dataclass(frozen=True)
class TaskShapes:
    """The program's classes that a plugin with a task kind of its own makes values of.

    ``order`` is what ``TaskKind.prepare`` returns, ``outcome`` what a task's function returns or
    keeps, ``warning`` what people should know about a task that went well, ``day_lock`` an order's
    claim on a day, ``writing`` how an order writes, ``resolution`` what ``TaskKind.resolve``
    returns, ``status`` where a task is in its life (:meth:`TaskService.history` takes one).

    ``failure(code, message=None)`` makes the exception with which a task's function ends the task
    as failed. ``code`` is an ``error_code`` of the API's list (``KeyError`` for another one),
    ``message`` a German sentence without patients' names; None takes the list's sentence.

    ``listed`` reads CallDoc's ``data`` (the list, and ``YYYY-MM-DD`` twice for a range of days),
    whatever stands in it: each appointment once, and a count of those that cannot be trusted.

    ``control`` makes, of the seconds it may take, the deadline and brake of a call to CallDoc that
    belongs to no task (``context.calldoc(day, day, control=…)``); its ``stop`` with a
    ``stop_reason`` breaks the call off, from any thread, and the call raises at once.
    """

    order: type[TaskOrder]
    outcome: type[TaskOutcome]
    warning: type[TaskWarning]
    day_lock: type[DayLock]
    writing: type[Writing]
    resolution: type[Resolution]
    status: type[TaskStatus]
    failure: Callable[..., TaskError]
    listed: Callable[[Iterable[object], str, str], ListedAppointments]
    control: type[RunControl]
    stop_reason: type[StopReason]


@dataclass(frozen=True)
class HostContext:
    """Everything that a plugin gets from the program.

    ``settings`` are the program's, ``plugin_settings`` the plugin's own after its schema loaded
    them. ``calldoc`` makes a CallDoc client for a day range (``YYYY-MM-DD`` twice) and filters.
    ``logger`` belongs to the plugin. ``api_url`` tells where the HTTP API is now
    (``http://127.0.0.1:5555``). A task is started (:meth:`TaskService.start`) with ``window`` as
    its source when a person asked for it in a panel, and with ``source`` when the plugin did so of
    its own accord. ``own_folder`` tells the folder for what the plugin wants to remember, readable
    by its owner only; it makes it when needed, and raises ``OSError`` when it cannot.
    ``demo`` tells that everything foreign is simulated, ``check_only`` that the program was started
    to look and not to work (``--check``): then a plugin starts nothing of its own accord.
    """

    settings: Settings
    plugin_settings: Mapping[str, Any]
    tasks: TaskService
    calldoc: Callable[..., CallDocInterface]
    logger: logging.Logger
    versions: Versions
    bridge: Bridge
    names: NamesHidden
    api: ApiBase
    api_url: Callable[[], str]
    source: TaskSource
    window: TaskSource
    own_folder: Callable[[], Path]
    errors: ErrorTypes
    shapes: TaskShapes
    demo: bool = False
    check_only: bool = False


@hookspec
def sync_gui_settings_schema() -> type[Schema] | None:
    """Describe the plugin's own settings, the table ``[plugins.NAME]``.

    Called: once, on the start-up thread, before every other hook of the plugin.
    Returns: a marshmallow schema class; its fields' ``metadata`` may carry ``label_de`` and
    ``description_de`` for the settings dialog (a text field with ``secret`` true is masked there)
    and an English ``description``. None: the plugin has no settings.
    Raises: the plugin is unloaded and listed as failed; so it is when its table is not valid.
    Example of use: ``single_patient`` declares its SQL time-out here.
    """


@hookspec
def sync_gui_start(context: HostContext) -> None:
    """Get ready: open what is needed, keep the context.

    Called: once, on a start-up thread of the plugin's own, after its settings were checked and
    before its panels and blueprints are asked for. It may take ``plugins.start_timeout``; after
    two seconds window and API open without the plugin, which is taken in when it comes.
    Returns: nothing.
    Raises: the plugin is unloaded and listed as failed; the program goes on without it.
    Example of use: ``single_patient`` builds its database engine.
    """


@hookspec
def sync_gui_stop() -> None:
    """Let go of everything: end threads, close connections.

    Called: once, on the shutdown thread, after the API stopped and the tasks ended; also for a
    plugin whose start failed halfway. It may take two seconds.
    Returns: nothing.
    Raises: it is logged; the shutdown goes on.
    Example of use: ``single_patient`` disposes of its database engine.
    """


@hookspec
def sync_gui_task_kinds(context: HostContext) -> Sequence[TaskKind]:  # type: ignore[empty-body]  # a specification
    """Bring kinds of tasks.

    Called: once, on the start-up thread, after ``sync_gui_start``.
    Returns: the kinds; a name that another plugin has is refused.
    Raises: the plugin is unloaded and listed as failed.
    Example of use: ``single_patient`` brings the kind ``single_patient``.
    """


@hookspec
def sync_gui_blueprints(context: HostContext) -> Sequence[Blueprint]:  # type: ignore[empty-body]  # a specification
    """Bring endpoints of the HTTP API.

    Called: once, on the start-up thread; for a plugin that starts slowly the API may be open.
    Returns: blueprints made by ``context.api.blueprint``. A method and path that is already
    answered, or a taken blueprint name, is refused.
    Raises: the plugin is unloaded and listed as failed.
    Example of use: the program's own endpoints and ``single_patient``'s come through here.
    """


@hookspec
def sync_gui_panels(context: HostContext) -> Sequence[PanelSpec]:  # type: ignore[empty-body]  # a specification
    """Bring panels of the window.

    Called: once, on the start-up thread, and only when there is a window.
    Returns: the panels; a taken id is refused. What a factory raises later is shown in place of
    the panel.
    Raises: the plugin is unloaded and listed as failed.
    Example of use: the program's own log panel and ``single_patient``'s panel come through here.
    """


@hookspec
def sync_gui_health_checks(context: HostContext) -> Sequence[HealthCheck]:  # type: ignore[empty-body]  # a specification
    """Bring health checks for ``/health/ready``, ``--check`` and the status bar.

    Called: once, on the start-up thread.
    Returns: the checks; nothing for what is not configured.
    Raises: the plugin is unloaded and listed as failed.
    Example of use: the program checks CallDoc and its journal, ``single_patient`` SQLHK.
    """


@hookspec
def sync_gui_task_event(view: TaskView) -> None:
    """Learn that a task of any kind was created, progressed or ended.

    Called: for each new picture of each task, on one dispatcher thread, in order; never on the
    GUI thread, and never delaying the task.
    Returns: nothing.
    Raises: it is logged and counted against the plugin; the task and other plugins go on.
    Example of use: the program's own window learns of tasks through it.
    """
