from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from PyQt5.QtNetwork import QLocalSocket

from sync_gui.single_instance import RaiseServer, ask_running_window, server_name
from tests.clock import PATIENCE

ROOT = Path(__file__).parents[2]
ASK = (
    "import sys; from pathlib import Path; from sync_gui.single_instance import ask_running_window;"
    "sys.exit(0 if ask_running_window(Path(sys.argv[1]), int(sys.argv[2])) else 4)"
)


def second_start(data_dir: Path, timeout_ms: int) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, "-c", ASK, str(data_dir), str(timeout_ms)], cwd=ROOT)


def test_a_second_process_brings_the_first_ones_window_to_the_front(qtbot, tmp_path):
    raised: list[bool] = []
    server = RaiseServer(tmp_path, lambda: raised.append(True))
    assert server.listening
    process = second_start(tmp_path, 5000)
    try:
        qtbot.waitUntil(lambda: process.poll() is not None)
    finally:
        process.kill()
        process.wait(PATIENCE)
    assert process.returncode == 0
    assert raised == [True]
    server.close()


def test_a_second_process_waits_for_a_window_that_is_starting_still(qtbot, tmp_path):
    raised: list[bool] = []
    process = second_start(tmp_path, 8000)
    server = None
    try:
        qtbot.wait(300)  # the other process is knocking meanwhile; any order must work
        server = RaiseServer(tmp_path, lambda: raised.append(True))
        qtbot.waitUntil(lambda: process.poll() is not None)
    finally:
        process.kill()
        process.wait(PATIENCE)
        if server is not None:
            server.close()
    assert process.returncode == 0
    assert raised == [True]


def test_without_a_window_the_answer_is_no_within_the_time(qapp, tmp_path):
    assert ask_running_window(tmp_path, 120) is False


def test_a_socket_left_by_a_crash_is_taken_over(qapp, tmp_path):
    script = (
        "import sys, os; from pathlib import Path; from PyQt5.QtCore import QCoreApplication;"
        "from sync_gui.single_instance import RaiseServer; app = QCoreApplication([]);"
        "server = RaiseServer(Path(sys.argv[1]), print); os._exit(0 if server.listening else 1)"
    )
    crash = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], cwd=ROOT, timeout=30, check=False
    )
    assert crash.returncode == 0
    server = RaiseServer(tmp_path, lambda: None)
    assert server.listening
    server.close()


def test_only_the_user_may_open_the_socket(qapp, tmp_path):
    if sys.platform == "win32":
        return
    server = RaiseServer(tmp_path, lambda: None)
    path = Path(server._server.fullServerName())
    assert path.stat().st_mode & 0o077 == 0
    server.close()


def test_another_word_raises_nothing(qtbot, tmp_path):
    raised: list[bool] = []
    server = RaiseServer(tmp_path, lambda: raised.append(True))
    socket = QLocalSocket()
    socket.connectToServer(server_name(tmp_path))
    assert socket.waitForConnected(2000)
    socket.write(b"hello\n")
    qtbot.waitUntil(lambda: socket.state() == QLocalSocket.UnconnectedState)
    assert raised == []
    server.close()


def test_the_name_follows_the_folder_and_not_its_spelling(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert server_name(Path()) == server_name(tmp_path)
    assert server_name(tmp_path / "a") != server_name(tmp_path / "b")
