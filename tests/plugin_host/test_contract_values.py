"""What plugins are handed of the program's classes."""

from __future__ import annotations

import pytest

from plugin_host.contract_values import ERROR_TYPES, TASK_SHAPES
from sync_core.error_catalogue import TASK_ERRORS


@pytest.mark.parametrize("entry", TASK_ERRORS, ids=lambda entry: entry.code)
def test_every_error_code_can_be_failed_with(entry) -> None:
    error = TASK_SHAPES.failure(entry.code)
    assert isinstance(error, ERROR_TYPES.task_error)
    assert (error.code, error.message) == (entry.code, entry.sentence_de)
    assert TASK_SHAPES.failure(entry.code, "Anders gesagt.").message == "Anders gesagt."


def test_another_code_is_refused() -> None:
    with pytest.raises(KeyError, match="nonsense"):
        TASK_SHAPES.failure("nonsense")
