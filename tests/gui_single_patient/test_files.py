from __future__ import annotations

import errno
import logging
import os
from pathlib import Path

import pytest
from PyQt5.QtCore import QStandardPaths, QTimer
from PyQt5.QtWidgets import QApplication, QDialogButtonBox, QFileDialog, QLineEdit, QWidget

from plugins.single_patient.panel.files import SaveQuestion, _reason, write_file
from plugins.single_patient.panel.note import Note, Tone

LOGGER = logging.getLogger("tests.files")


def save(path: Path) -> Note:
    return write_file(path, "Text\r\n", "utf-8", LOGGER)


def test_a_file_is_written_as_a_whole_and_named_first(tmp_path) -> None:
    path = tmp_path / "liste.csv"
    assert save(path) == Note(Tone.DONE, f"Gespeichert: liste.csv im Ordner {tmp_path}")
    assert path.read_bytes() == b"Text\r\n"
    assert [file.name for file in tmp_path.iterdir()] == ["liste.csv"]


def test_every_refusal_says_why_in_german_and_leaves_nothing(tmp_path, caplog) -> None:
    (tmp_path / "ordner").mkdir()
    (tmp_path / "datei").write_text("")
    refused = {
        tmp_path / "fort" / "x.csv": "der Ordner ist nicht mehr da",
        tmp_path / "datei" / "x.csv": "der Ordner ist nicht mehr da",
        tmp_path / "ordner": "dort gibt es schon einen Ordner mit diesem Namen",
        tmp_path
        / ("x" * 300): "der Name ist zu lang oder enthält ein Zeichen, das dort nicht geht",
        Path("/proc/x.csv"): "dort lässt sich nichts speichern",
    }
    for path, words in refused.items():
        assert save(path) == Note(Tone.REFUSED, f"Nicht gespeichert: {words}.")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["datei", "ordner"]
    assert "No such file or directory (2)" in caplog.text
    assert str(tmp_path) not in caplog.text


@pytest.mark.skipif(os.name == "nt", reason="a device that is always full")
def test_a_full_disk_is_told(tmp_path, monkeypatch) -> None:
    path = tmp_path / "x.csv"
    draft = tmp_path / f".x.csv.{os.getpid()}.part"
    draft.symlink_to("/dev/full")
    assert save(path) == Note(
        Tone.REFUSED, "Nicht gespeichert: auf dem Laufwerk ist kein Platz mehr."
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.EACCES, "in diesem Ordner dürfen Sie nichts speichern"),
        (errno.EROFS, "das Laufwerk ist schreibgeschützt"),
        (errno.EDQUOT, "auf dem Laufwerk ist kein Platz mehr"),
        (errno.ETIMEDOUT, "das Laufwerk ist nicht erreichbar"),
        (9999, "das System meldet den Fehler 9999"),
    ],
)
def test_the_systems_number_is_put_into_words(number, words) -> None:
    assert _reason(OSError(number, "English")) == words


def test_what_windows_tells_more_exactly_is_preferred() -> None:
    error = PermissionError(errno.EACCES, "English")
    error.winerror = 32  # type: ignore[attr-defined]  # only Windows has it
    assert "in einem anderen Programm geöffnet" in _reason(error)


class Answering(QTimer):
    """Answers the dialog that is about to open, and notes the folder in which it opened."""

    def __init__(self, folders: list[str], path: Path | None) -> None:
        super().__init__()
        self._folders, self._path = folders, path
        self.timeout.connect(self.answer)
        self.start(20)

    def answer(self) -> None:
        dialog = QApplication.activeModalWidget()
        if not isinstance(dialog, QFileDialog):
            return  # not open yet
        self.stop()
        self._folders.append(dialog.directory().absolutePath())
        if self._path is None:
            dialog.reject()
            return
        dialog.findChild(QLineEdit).setText(str(self._path))
        dialog.findChild(QDialogButtonBox).button(QDialogButtonBox.Save).click()


def test_the_question_begins_in_documents_and_then_where_the_last_file_went(
    qtbot, tmp_path, monkeypatch
) -> None:
    home, other = tmp_path / "home", tmp_path / "other"
    documents = home / "Documents"
    for folder in (documents, other):
        folder.mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / ".config"))
    assert QStandardPaths.writableLocation(QStandardPaths.DocumentsLocation) == str(documents)
    parent = QWidget()
    qtbot.addWidget(parent)
    folders: list[str] = []
    question = SaveQuestion()

    def ask(path: Path | None) -> str:
        answering = Answering(folders, path)
        try:
            return question(parent, "Speichern", "x.json", "JSON (*.json)")
        finally:
            answering.stop()

    assert ask(None) == ""
    assert ask(other / "x.json") == str(other / "x.json")
    assert ask(None) == ""
    other.rmdir()
    assert ask(None) == ""
    documents.rmdir()
    assert ask(None) == ""
    assert folders == [str(documents), str(documents), str(other), str(documents), str(home)]
