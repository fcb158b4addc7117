"""Where the one-file program begins: what must happen before any other module is loaded."""

from __future__ import annotations

import multiprocessing
import os
import sys

if __name__ == "__main__":
    # A process that a plugin starts with multiprocessing is this program again, and ends here.
    multiprocessing.freeze_support()

    from sync_program.exe_process import (
        end_with_starter,
        find_archive,
        find_streams,
        restore_library_path,
    )

    find_streams()
    find_archive()
    end_with_starter()
    restore_library_path(os.environ)

    from sync_gui_qt import main

    sys.exit(main())
