"""What the day panel says when the program did not take an order. No Qt."""

from __future__ import annotations

from sync_core.refusal_words import RefusalWords

DAY_WORDS = RefusalWords(
    already_running=(
        "Für diesen Tag läuft schon ein Abgleich.",
        "Sein Ergebnis abwarten; er ist in der Liste der Abgleiche gewählt.",
    ),
    fields={
        "date": "Dieses Datum wurde nicht angenommen.",
        "appointment_type_id": "Diese Terminarten wurden nicht angenommen.",
    },
)
