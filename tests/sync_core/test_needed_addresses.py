from __future__ import annotations

from itertools import product
from types import SimpleNamespace
from typing import cast

import pytest

from day_task.plugin import missing_settings as missing_for_a_day
from plugins.single_patient.plugin import missing_settings as missing_for_a_patient
from sync_core.errors import Refusal
from sync_core.needed_addresses import (
    LABELS,
    SYSTEMS,
    addresses_named_in,
    missing_addresses,
    missing_words,
    nothing_can_be_synced,
    system_of,
)
from sync_core.refusal_words import RefusalWords
from sync_core.settings import (
    CallDocSettings,
    GatewaySettings,
    Settings,
    SqlhkSettings,
    declared_settings,
)
from sync_core.task_model import TaskSource
from sync_core.task_registry import TaskRegistry
from sync_core.task_service import RegistryTaskService

WORDS = RefusalWords(("läuft schon", "warten"), {})


def settings_with(base: str, patient: str, sqlhk: str, gateway: str) -> Settings:
    return Settings(
        calldoc=CallDocSettings(base_url=base or None, patient_url=patient or None),
        sqlhk=SqlhkSettings(url=sqlhk or None),
        gateway=GatewaySettings(url=gateway or None),
    )


def test_every_address_is_a_setting_of_a_known_system() -> None:
    assert set(LABELS) <= {declared.name for declared in declared_settings()}
    assert {system_of(name) for name in LABELS} == set(SYSTEMS)
    assert missing_addresses(Settings()) == tuple(LABELS)
    assert missing_addresses(settings_with("a", "", "c", "")) == (
        *("calldoc.patient_url", "gateway.url"),
    )


@pytest.mark.parametrize("values", list(product(("", "x"), repeat=4)))
def test_it_agrees_with_what_the_two_syncs_ask_for(values: tuple[str, str, str, str]) -> None:
    settings = settings_with(*values)
    context = SimpleNamespace(settings=settings)
    neither = bool(missing_for_a_day(context)) and bool(missing_for_a_patient(context))
    assert nothing_can_be_synced(missing_addresses(settings)) is neither


@pytest.mark.parametrize(
    ("detail", "sentence"),
    [
        (
            "Not configured: gateway.url",
            "Es fehlt die Einstellung „Adresse des Gateways“ (gateway.url).",
        ),
        (
            "Not configured: calldoc.base_url, sqlhk.url",
            "Es fehlen die Einstellungen „Adresse der Termine“ (calldoc.base_url) und „Adresse der "
            "Datenbank“ (sqlhk.url).",
        ),
        ("Not configured: plugins.x.url", "Eine nötige Einstellung fehlt. (Not configured: "),
    ],
)
def test_a_refusal_names_what_is_missing_as_the_dialog_does(detail: str, sentence: str) -> None:
    told = WORDS.explain_refusal(Refusal("not_configured", detail))
    assert told.sentence.startswith(sentence)
    assert "Datei → Einstellungen" in told.advice


def test_a_plugin_that_is_not_loaded_is_no_missing_setting() -> None:
    service = RegistryTaskService(cast("TaskRegistry", None), dict)
    with pytest.raises(Refusal) as refused:
        service.start("single_patient", {}, TaskSource("window", ""))
    assert refused.value.code == "not_configured"
    told = WORDS.explain_refusal(refused.value)
    assert told.sentence == "Die Erweiterung für diesen Abgleich ist nicht geladen."
    assert "Erweiterungen → Liste der Erweiterungen" in told.advice
    assert "einschalten" in told.advice
    assert "die IT" in told.advice
    assert "Einstellung" not in told.sentence + told.advice


def test_only_whole_names_count() -> None:
    assert addresses_named_in("other_sqlhk.url and calldoc.base_urls") == ()
    assert addresses_named_in("gateway.url: calldoc.base_url") == (
        *("calldoc.base_url", "gateway.url"),
    )
    assert missing_words(("sqlhk.url",)).count("„") == 1
