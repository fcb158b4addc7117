"""The data folder: where it is, who may look into it, and that one process owns it.

Journal, receipts and log lie in it. They name patients' numbers, so they are their owner's only.
"""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from urllib.parse import quote

import platformdirs
from filelock import FileLock, Timeout

from sync_core.errors import DataFolderInUseError, SettingsError
from sync_core.settings import Settings

LOCK_NAME = "sync_gui.lock"


def resolve_data_dir(settings: Settings) -> Path:
    """The folder `data_dir` names, made absolute, or the user's data folder. Creates nothing."""
    if settings.data_dir is not None:
        return settings.data_dir.expanduser().absolute()
    return platformdirs.user_data_path("sync_gui", appauthor=False)


def create_data_dir(folder: Path) -> None:
    """Make the folder if it is not there yet, readable by its owner only.

    On Windows the folder inherits the rights of the user's profile, which are its owner's
    already; the mode says nothing there. A folder that exists keeps its rights: it may be a
    shared one that somebody named on purpose, and the files in it are protected one by one.

    Raises ``SettingsError`` when it cannot be made.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise SettingsError(
            f"data_dir: the folder {folder} cannot be created ({error.strerror})"
        ) from None


def make_plugin_folder(data_dir: Path, plugin: str) -> Path:
    """The folder of one plugin inside the data folder, made if it is not there yet.

    ``plugin`` is an entry point's name, which may hold anything, a path too: the folder's name
    holds only characters that every file system takes. Raises ``OSError``.
    """
    folder = data_dir / "plugins" / quote(plugin, safe="").replace(".", "%2E")
    folder.parent.mkdir(mode=0o700, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


class DataFolderLock:
    """The claim of this process on a data folder.

    It is a lock of the operating system on an empty file, so it ends with the process however
    that ends, and a file left behind claims nothing. Used as a context manager, or by
    :meth:`acquire` and :meth:`release`, from any thread.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = FileLock(folder / LOCK_NAME, timeout=0, mode=0o600, thread_local=False)

    def acquire(self) -> None:
        """Claim the folder, which must exist.

        Raises ``DataFolderInUseError`` at once when another process has it, and
        ``SettingsError`` when the folder cannot be written.
        """
        try:
            self._lock.acquire()
        except Timeout:
            raise DataFolderInUseError(
                f"the data folder {self._folder} is in use by another process"
            ) from None
        except OSError as error:
            raise SettingsError(
                f"data_dir: the folder {self._folder} cannot be used ({error.strerror})"
            ) from None

    def release(self) -> None:
        """Give the folder back; nothing happens when it is not claimed."""
        self._lock.release()

    def __enter__(self) -> DataFolderLock:
        self.acquire()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()
