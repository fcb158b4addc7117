"""The API key in the window: shown, made, removed, and in force at once for real requests."""

from __future__ import annotations

import logging

import pytest
import requests
from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QAction, QApplication, QLineEdit, QMessageBox

from sync_api_server import ApiServer, create_app
from sync_core.api_key import ApiKey
from sync_core.key_store import API_KEY, KeyStoreError, KeyStoreInMemory
from sync_core.settings import ApiSettings
from sync_core.settings_loader import load_settings
from sync_core.settings_place import Origin, SettingsPlace
from sync_gui.api_key_dialog import ApiKeyDialog
from sync_gui.bridge import QtBridge
from sync_gui.style import apply_style
from sync_program.key_in_force import create_api_key
from tests.clock import PATIENCE

LOGGER = logging.getLogger("tests.api_key_dialog")


class NoStore(KeyStoreInMemory):
    def read(self, name: str) -> str | None:
        raise KeyStoreError("the key store cannot be used (NoKeyringError)")


@pytest.fixture
def store() -> KeyStoreInMemory:
    return KeyStoreInMemory()


@pytest.fixture
def open_dialog(qtbot, qapp: QApplication, bridge: QtBridge, store, tmp_path):
    apply_style(qapp)
    place = SettingsPlace(tmp_path / "sync_gui.toml")

    def open_one(settings: ApiSettings, store=store, place=place) -> tuple[ApiKeyDialog, ApiKey]:
        key = create_api_key(settings, place, store, LOGGER)
        dialog = ApiKeyDialog(key, bridge, demo=False)
        qtbot.addWidget(dialog)
        dialog.show()
        return dialog, key

    return open_one


def agree(dialog: ApiKeyDialog, text: str) -> None:
    box = [found for found in dialog.findChildren(QMessageBox) if found.isVisible()][-1]
    assert box.defaultButton().text() == "&Abbrechen"
    next(button for button in box.buttons() if button.text() == text).click()


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space])
def test_the_first_key_stroke_closes_and_replaces_nothing(open_dialog, qtbot, store, key):
    dialog, _ = open_dialog(ApiSettings(port=0))
    with qtbot.waitActive(dialog):
        dialog.activateWindow()
    chosen = dialog.focusWidget()
    assert chosen.text() == "&Schließen"
    assert chosen.isDefault()
    qtbot.keyClick(chosen, key)
    qtbot.waitUntil(lambda: not dialog.isVisible())
    assert store.read(API_KEY) is None


def test_enter_on_the_way_to_a_dangerous_button_closes_too(open_dialog, qtbot, store):
    dialog, _ = open_dialog(ApiSettings(port=0))
    dialog.make.setFocus()
    qtbot.keyClick(dialog.make, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not dialog.isVisible())
    assert store.read(API_KEY) is None


def test_making_and_removing_a_key_counts_at_once_for_requests(open_dialog, qtbot, store, tmp_path):
    dialog, key = open_dialog(ApiSettings(port=0))
    app = create_app(
        blueprints=[],
        kinds=[],
        settings=ApiSettings(port=0),
        version="1",
        logger=LOGGER,
        key=key.value,
    )
    server = ApiServer(app, host="127.0.0.1", port=0, logger=LOGGER)
    server.start()
    try:

        def answer(offered: str | None = None) -> tuple[int, str]:
            headers = {} if offered is None else {"X-API-Key": offered}
            told = requests.get(f"{server.url}/api/nothing", headers=headers, timeout=PATIENCE)
            return told.status_code, told.json()["code"]

        assert dialog.heading.text() == "Die API verlangt keinen Schlüssel"
        assert answer() == (404, "not_found")

        dialog.make.click()
        qtbot.waitUntil(lambda: dialog.message.text() == "Der neue Schlüssel gilt ab sofort.")
        first = store.read(API_KEY)
        assert dialog.key.text() == first
        assert dialog.key.echoMode() == QLineEdit.EchoMode.Password
        assert answer() == (401, "key_required")
        assert answer("wrong") == (401, "key_invalid")
        assert answer(first) == (404, "not_found")
        assert load_settings(tmp_path / "sync_gui.toml", {}).api.key_source == "key_store"

        dialog.make.click()
        agree(dialog, "&Erzeugen")
        qtbot.waitUntil(lambda: store.read(API_KEY) != first)
        qtbot.waitUntil(dialog.remove.isEnabled)
        assert answer(first) == (401, "key_invalid")

        dialog.remove.click()
        agree(dialog, "&Entfernen")
        qtbot.waitUntil(lambda: store.read(API_KEY) is None)
        qtbot.waitUntil(lambda: dialog.heading.text() == "Die API verlangt keinen Schlüssel")
        assert answer() == (404, "not_found")
        assert load_settings(tmp_path / "sync_gui.toml", {}).api.key_source == "settings"
    finally:
        server.stop()


def test_a_key_of_the_file_is_shown_and_not_changed_here(open_dialog, qapp):
    dialog, _ = open_dialog(ApiSettings(key="mine"))
    assert "Einstellungsdatei" in dialog.sentence.text()
    assert not dialog.make.isEnabled()
    assert not dialog.remove.isEnabled()
    dialog._show_key.trigger()
    assert dialog.key.echoMode() == QLineEdit.EchoMode.Normal
    dialog.copy.click()
    assert qapp.clipboard().text() == "mine"


def test_a_key_of_the_environment_names_its_variable(open_dialog):
    place = SettingsPlace(None, {"api.key": Origin("SYNC_GUI_API__KEY", "mine")})
    dialog, _ = open_dialog(ApiSettings(key="mine"), place=place)
    assert "SYNC_GUI_API__KEY" in dialog.sentence.text()


def test_other_computers_are_warned_of(open_dialog, store):
    store.write(API_KEY, "kept")
    dialog, _ = open_dialog(ApiSettings(host="0.0.0.0", key_source="key_store"))
    assert dialog.warning.isVisible()
    assert "unverschlüsselt" in dialog.warning.text()
    assert not dialog.remove.isEnabled()
    loopback, _ = open_dialog(ApiSettings(key_source="key_store"))
    assert not loopback.warning.isVisible()
    assert loopback.remove.isEnabled()


def test_without_a_key_store_the_file_is_named_as_the_way(open_dialog, qtbot):
    dialog, key = open_dialog(ApiSettings(), store=NoStore())
    dialog.make.click()
    qtbot.waitUntil(lambda: "nicht erreichbar" in dialog.message.text())
    assert "Einstellungsdatei" in dialog.message.text()
    assert dialog.message.property("role") == "error"
    assert key.value() is None
    assert dialog.make.isEnabled()


def test_an_api_that_is_closed_says_so_and_opens_again(open_dialog, qtbot, store):
    dialog, key = open_dialog(ApiSettings(key_source="key_store"))
    assert dialog.heading.text() == "Die API weist alle Anfragen ab"
    assert not dialog.key.isVisible()
    store.write(API_KEY, "there")
    dialog.read_again.click()
    qtbot.waitUntil(lambda: key.value() == "there")
    qtbot.waitUntil(lambda: dialog.key.text() == "there")
    assert not dialog.read_again.isVisible()


def test_a_source_that_is_fixed_elsewhere_is_not_overwritten(open_dialog, qtbot, store):
    place = SettingsPlace(None, {"api.key_source": Origin("SYNC_GUI_API__KEY_SOURCE", "settings")})
    dialog, key = open_dialog(ApiSettings(), place=place)
    dialog.make.click()
    qtbot.waitUntil(lambda: "SYNC_GUI_API__KEY_SOURCE" in dialog.message.text())
    assert (key.value(), store.read(API_KEY)) == (None, None)


def test_the_menu_opens_it(open_window):
    window = open_window()
    next(a for a in window.findChildren(QAction) if a.text() == "API-Schlüsse&l …").trigger()
    dialog = window.findChild(ApiKeyDialog)
    assert dialog.isVisible()
    dialog.accept()
