from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.author import make_environment


@pytest.fixture(scope="session")
def virtual_environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment to install plugins into, with everything that is installed here."""
    folder = tmp_path_factory.mktemp("author") / ".venv"
    make_environment(folder)
    return folder
