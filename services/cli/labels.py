"""Staff's word as training lines: `minwon labels > new.jsonl`, then `minwon train`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime

from services.cases.case import URGENCIES
from services.cases.triaging import Label, list_labels
from services.database import Connection


def label_lines(conn: Connection, since: datetime) -> Iterator[str]:
    """JSON lines in the form of `models/data/complaints`; the texts are masked already."""
    for label in list_labels(conn, since):
        yield json.dumps(_row(label), ensure_ascii=False)


def _row(label: Label) -> dict[str, str | None]:
    return {
        "id": str(label.id),
        "text": f"{label.title}\n{label.text}" if label.title else label.text,
        "channel": label.channel,
        "service": label.service,
        "kind": label.kind,
        "urgency": URGENCIES[label.urgency],
        "district": label.district,
        "road_class": label.road_class,
    }
