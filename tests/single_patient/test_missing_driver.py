"""An ODBC driver that the computer does not have, asked for through the real driver manager."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError, OperationalError

from plugins.single_patient.sqlhk_errors import lacks_driver

URL = "mssql+pyodbc://nobody:invented@127.0.0.1:9/SQLHK?driver=No+Such+Driver"


def test_the_driver_managers_own_error_is_understood() -> None:
    pytest.importorskip("pyodbc", exc_type=ImportError)
    with pytest.raises(DBAPIError) as caught:
        create_engine(URL).connect()
    assert lacks_driver(caught.value)


@pytest.mark.parametrize(
    ("state", "text", "lacking"),
    [
        ("IM002", "[IM002] [Microsoft][ODBC Driver Manager] Data source name not found", True),
        ("IM003", "[IM003] Specified driver could not be loaded due to system error 126", True),
        ("08001", "[08001] [Microsoft][ODBC Driver 18 for SQL Server]TCP Provider", False),
        ("01000", "[01000] [Microsoft] Changed database context", False),
    ],
)
def test_what_the_drivers_say(state: str, text: str, lacking: bool) -> None:
    assert lacks_driver(OperationalError("", {}, Exception(state, text))) is lacking
