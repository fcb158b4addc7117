"""What the panel says when the program did not take an order. No Qt."""

from __future__ import annotations

from sync_core.refusal_words import RefusalWords

PATIENT_WORDS = RefusalWords(
    already_running=(
        "Für diesen Patienten, diesen Tag und diese Terminart läuft schon ein Abgleich.",
        "Sein Ergebnis abwarten; er ist in der Tabelle markiert.",
    ),
    fields={
        "piz": "Diese PIZ wurde nicht angenommen.",
        "date": "Dieses Datum wurde nicht angenommen.",
        "appointment_type_id": "Diese Terminart wurde nicht angenommen.",
        "expected_birth_date": "Dieses Geburtsdatum wurde nicht angenommen.",
    },
)
