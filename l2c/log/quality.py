"""What was read, what could be used, and what was set aside for which reason?"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from l2c.system import cells
from l2c.words.notes import Note, is_top, made

if TYPE_CHECKING:
    import pandas as pd


def _empty() -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame()


def _dated(objects: pd.DataFrame) -> pd.DataFrame:
    """Times again, where JSON has only text."""
    import pandas as pd

    dates = [name for name in ("first", "last", "since") if name in objects]
    return objects.assign(**{name: pd.to_datetime(objects[name]).dt.tz_localize(None) for name in dates})


@dataclass(frozen=True)
class Quality:
    """What reading found.

    Attributes
    ----------
    rows_read, rows_used, events
        `rows_read = rows_used + quarantined`. A long file has one event a row, a wide one several.
    reasons
        Number of quarantined rows by reason: `no case, no activity, no time, unreadable time, out of range,
        duplicate, malformed row, subtotal`.
    quarantine
        The quarantined rows as they stood: `reason, file, row` and their cells as text.
    mapping
        How the source was understood: columns, activities, formats, time zone, currency; ready to save.
    notes
        What the reader should know; plain text where an earlier version saved it.
    noticed
        Computes `findings`; asked once at most, so that nobody waits for what nobody looks at.
    objects
        Of an org's objects, what was read, how far back it reaches and what is hidden (see `l2c.prepare.objects`).
    columns
        What each column was taken for and why, with some of its values (see `l2c.prepare.understood`); not saved, as the
        values may be those of cases that are handed to nobody.
    """

    rows_read: int = 0
    rows_used: int = 0
    events: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    quarantine: pd.DataFrame = field(default_factory=_empty)
    mapping: dict[str, Any] = field(default_factory=dict)
    notes: tuple[Note | str, ...] = ()
    noticed: Callable[[], pd.DataFrame] = _empty
    objects: pd.DataFrame = field(default_factory=_empty)
    columns: pd.DataFrame = field(default_factory=_empty)

    @property
    def findings(self) -> pd.DataFrame:
        """What was noticed and not repaired: `finding, detail` (a note, or a name of the source), `count, of`."""
        return self.noticed()

    @property
    def quarantined(self) -> int:
        """Number of rows set aside."""
        return self.rows_read - self.rows_used

    @property
    def top(self) -> tuple[Note | str, ...]:
        """The notes that say something about every number of the log, and so stand above them all."""
        return tuple(dict.fromkeys(note for note in self.notes if is_top(note)))

    def summary(self) -> dict[str, Any]:
        """Return the counts, as `l2c analyse --json` writes them."""
        return {
            "rows_read": self.rows_read,
            "rows_used": self.rows_used,
            "events": self.events,
            "quarantined": self.quarantined,
            "reasons": self.reasons,
        }

    def told(self) -> dict[str, Any]:
        """Return what the reader should know, `top` (of the notes, those above all numbers), `notes` and `findings`, in English and in values that JSON knows."""
        found = self.findings.astype(object).where(self.findings.notna(), None).to_dict("records")
        rows = [row | {"detail": str(row["detail"])} for row in found]
        return {"top": list(map(str, self.top)), "notes": [str(note) for note in self.notes], "findings": rows}

    def save(self, folder: Path) -> None:
        """Write `quality.json`, `quarantine.csv` and `mapping.yaml` into a folder."""
        import yaml

        # What the texts were made of stands beside them, so that the log speaks both languages again.
        said = {"notes": self.notes, "details": [row["detail"] for row in self.findings.to_dict("records")]}
        of = {key: [n.facts() if isinstance(n, Note) else None for n in notes] for key, notes in said.items()}
        facts = self.summary() | self.told() | {"said": of}
        if len(self.objects):
            facts["objects"] = json.loads(self.objects.to_json(orient="records", date_format="iso", date_unit="us"))
        (folder / "quality.json").write_text(json.dumps(facts, ensure_ascii=False, indent=1), "utf-8")
        if len(self.quarantine):
            cells.write(self.quarantine, folder / "quarantine.csv")
        if self.mapping:
            text = yaml.safe_dump(self.mapping, allow_unicode=True, sort_keys=False)
            (folder / "mapping.yaml").write_text(text, "utf-8")

    @classmethod
    def open(cls, folder: Path) -> Quality:
        """Read what `save` wrote; a folder without it gives an empty report."""
        import pandas as pd
        import yaml

        if not (folder / "quality.json").exists():
            return cls()
        facts = json.loads((folder / "quality.json").read_text("utf-8"))
        findings, said = pd.DataFrame(facts["findings"]), facts.get("said") or {}
        if said and len(findings):
            findings["detail"] = list(map(made, said["details"], findings["detail"]))
        rows, rules = folder / "quarantine.csv", folder / "mapping.yaml"
        return cls(
            facts["rows_read"],
            facts["rows_used"],
            facts["events"],
            facts["reasons"],
            cells.read(rows) if rows.exists() else _empty(),
            yaml.safe_load(rules.read_text("utf-8")) if rules.exists() else {},
            tuple(map(made, said["notes"], facts["notes"])) if said else tuple(facts["notes"]),
            lambda: findings,
            _dated(pd.DataFrame(facts.get("objects") or [])),
        )

    def __str__(self) -> str:
        lines = [f"! {note}" for note in self.top]
        lines += [
            f"{self.rows_read:,} rows read, {self.rows_used:,} used, {self.quarantined:,} quarantined; "
            f"{self.events:,} events"
        ]
        lines += [f"  {count:,} {reason}" for reason, count in self.reasons.items()]
        lines += [str(note) for note in self.notes if not is_top(note)]
        lines += [f"{f['finding']}: {f['detail']} ({f['count']:,})" for f in self.findings.to_dict("records")]
        return "\n".join(lines)

    __repr__ = __str__
