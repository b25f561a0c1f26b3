"""Which records are activities, when did they happen, and who did them?"""

from __future__ import annotations

from typing import Any

import polars as pl

from l2c.log.objects import DEAL, LEAD
from l2c.prepare import values
from l2c.prepare.reasons import EARLIEST
from l2c.prepare.salesforce import approvals, changes, conditions, contracts, days, statuses
from l2c.prepare.salesforce.deals import Deals
from l2c.prepare.salesforce.files import LINE
from l2c.prepare.salesforce.mapping import CHANGES
from l2c.prepare.salesforce.meaning import ANY, Rule, Way
from l2c.prepare.salesforce.org_frames import Org, id_key
from l2c.prepare.salesforce.payments import settling
from l2c.prepare.salesforce.people import People
from l2c.prepare.salesforce.stages import Stages
from l2c.words import matching
from l2c.words.actors import AGENT, AUTOMATION, kind_of
from l2c.words.notes import Note

NUMBERS = ("invoice_amount", "payment_amount", "payment_terms_days")
DATES = ("due_date",)
SCHEMA: dict[str, Any] = {
    "case": pl.String,
    "about": pl.String,
    "activity": pl.String,
    "time": pl.Datetime("us"),
    "precision": pl.String,
    "source": pl.String,
    "source_row": pl.Int64,
    "record_id": pl.String,
    "object_type": pl.String,
    "object_id": pl.String,
    "lead_id": pl.String,
    "approximate": pl.Boolean,
    "actor": pl.String,
    "actor_kind": pl.String,
    "rank": pl.Int32,
    "due_date": pl.Datetime("us"),
    "invoice_amount": pl.Float64,
    "payment_amount": pl.Float64,
    "payment_id": pl.String,
    "invoice_type": pl.String,
    "payment_terms_days": pl.Float64,
}


class Reader:
    """Reads the activities of an org; keeps what several rules ask of an object."""

    def __init__(self, org: Org, deals: Deals, stages: Stages, people: People) -> None:
        self.org, self.deals, self.stages, self.people = org, deals, stages, people
        self.unread: dict[Note | str, int] = {}
        self.late: dict[Note, int] = {}
        self._about: dict[str, pl.DataFrame] = {}
        self._before: dict[str, changes.Before] = {}
        self._settling: dict[str, tuple[pl.Series, pl.Series]] = {}
        self._approvals: dict[str, tuple[pl.Series, pl.Series]] = {}
        self._made = {rule.activity for rule in org.mapping.rules}

    def events(self, limit: Any) -> pl.DataFrame:
        """Return the events of all rules: the columns of `SCHEMA`, one row per event and deal."""
        found: list[pl.DataFrame] = []
        for rank, rule in enumerate(self.org.mapping.rules):
            if rule.object in self.org.frames and rule.instead_of not in self.org.frames:
                found.append(self._of_rule(rule, rank, limit, found))
        return days.placed(self._firsts(pl.concat(found)), self.org.zone) if found else pl.DataFrame(schema=SCHEMA)

    def _firsts(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Of activities of which only the first of each deal, or of each of its leads, counts, keep that."""
        once = pl.col("rank").is_in([rank for rank, rule in enumerate(self.org.mapping.rules) if rule.first])
        first = rows.filter(once).sort("case", "time", "record_id")
        # A touch of each lead, and that of a person beside that of a machine which came before.
        by = ["case", "lead_id", "activity", pl.col("actor_kind").is_in([AUTOMATION, AGENT]).fill_null(False)]
        first = first.unique(by, keep="first", maintain_order=True)
        return pl.concat([rows.filter(~once), first])

    def _of_rule(self, rule: Rule, rank: int, limit: Any, before: list[pl.DataFrame]) -> pl.DataFrame:
        org, name = self.org, rule.object
        holds = self._holds(rule)
        at = holds.arg_true()
        if not len(at):
            return pl.DataFrame(schema=SCHEMA)
        time, precision, rough = days.told(org, rule, at)
        about = (self._find_about(name, rule.about) if rule.about else self._abouts(name))[at]
        rows = pl.DataFrame(
            {
                "_key": org.frames[name]["_key"].gather(at),
                "about": about["key"],
                "activity": self._named(rule, at),
                "time": time,
                "precision": precision.cast(pl.String),
                "source_row": org.frames[name][LINE].gather(at),
                "record_id": org.text(name, "Id").gather(at),
                "object_type": about["type"],
                "object_id": about["id"],
                "lead_id": self._lead(rule, about, at),
                "approximate": rough,
                **self._performer(rule, at),
                **self._extra(rule, at),
            }
        ).with_columns(source=pl.lit(name), rank=pl.lit(rank, pl.Int32))
        if rule.after:
            rows = rows.with_columns(after=org.times(name, rule.after).time.gather(at))
        rows = rows.join(self.deals.of[name], on="_key", how="inner", maintain_order="left")
        if org.mapping.kinds[name].changes:
            # Several fields that were saved together are one change.
            rows = rows.sort("record_id").unique(
                ["case", "about", "activity", "time"], keep="first", maintain_order=True
            )
        for activity in rule.unless:
            there = [part.filter(pl.col("activity") == activity).select("about") for part in before]
            if there:
                rows = rows.join(pl.concat(there).unique(), on="about", how="anti", maintain_order="left")
        rows = self._in_time(rule, rows, limit)
        if rule.when.get("of") == LEAD:
            rows = self._before_conversion(rows)
        return rows.select(
            [pl.col(c).cast(t) if c in rows.columns else pl.lit(None, t).alias(c) for c, t in SCHEMA.items()]
        )

    def _in_time(self, rule: Rule, rows: pl.DataFrame, limit: Any) -> pl.DataFrame:
        """Leave out what has no time, one out of range, or one before what it must follow."""
        where = Note("field", object=rule.object, fields=rule.time)
        if missing := int(rows["time"].null_count()):
            self.unread[where] = self.unread.get(where, 0) + missing
        rows = rows.drop_nulls("time")
        known = rows.filter(pl.col("time").is_between(EARLIEST, limit))
        if late := rows.height - known.height:
            self.late[where] = self.late.get(where, 0) + late
        return known.filter(pl.col("time") > pl.col("after")) if rule.after else known

    def _holds(self, rule: Rule) -> pl.Series:
        """Which records meet the conditions of a rule."""
        found = pl.Series([True]).new_from_index(0, self.org.frames[rule.object].height)
        for field, test in rule.when.items():
            found &= self._test(rule, field, test)
        return found

    def _test(self, rule: Rule, field: str, test: Any) -> pl.Series:
        org, name = self.org, rule.object
        if field == "stage":
            kind = self._stage_kind(name)
            if test == "open":
                return ~self._label(name).is_in([k for k, closed in self.stages.closed.items() if closed]).fill_null(
                    False
                )
            return (kind == test).fill_null(False)
        if field == "target":
            return self._abouts(name)["type"].is_in(conditions.words(test)).fill_null(False)
        if field in ("settled", "reversed"):
            if name not in self._settling:
                self._settling[name] = settling(org, name)
            settled, back = self._settling[name]
            return back if field == "reversed" else ((settled if test else ~settled) & ~back)
        if field in ("submitted", "last"):
            if name not in self._approvals:
                self._approvals[name] = approvals.marks(org, name, self._abouts(name)["key"])
            mark = self._approvals[name][field == "last"]
            return mark if test else ~mark
        if field == "unsigned":
            without = self._abouts(name)["key"].is_in(contracts.unsigned(org).implode()).fill_null(False)
            return without if test else ~without
        if field == "of":
            return pl.Series([True]).new_from_index(0, org.frames[name].height)
        if test in CHANGES:
            return self._change(name, field, test)
        if statuses.asks(test):
            field = statuses.field_of(org, name, field)
            if statuses.may_be_absent(test) and not org.has(name, field):
                return pl.Series([True]).new_from_index(0, org.frames[name].height)
        return conditions.matches(org.text(name, field), test, rule.activity)

    def _label(self, name: str) -> pl.Series:
        return self.org.text(name, "StageName" if self.org.mapping.kinds[name].snapshot else changes.NEW)

    def _stage_kind(self, name: str) -> pl.Series:
        first = pl.Series([False]).new_from_index(0, self.org.frames[name].height)
        if self.org.mapping.kinds[name].snapshot:
            label = self._label(name)
            previous = self._previous(name)
            return changes.kinds_of_change(label, label.gather(previous.at), previous.first, self.stages)
        return changes.kinds_of_change(self._label(name), self.org.text(name, changes.OLD), first, self.stages)

    def _previous(self, name: str) -> changes.Before:
        if name not in self._before:
            self._before[name] = changes.before(self.org, name)
        return self._before[name]

    def _change(self, name: str, field: str, test: str) -> pl.Series:
        column = self.org.text(name, field)
        if not self.org.mapping.kinds[name].snapshot:
            return changes.compared(self.org, self.org.text(name, changes.OLD), column, test)
        previous = self._previous(name)
        old = column.gather(previous.at)
        if test == "changed":
            # A deal that was created closed closes there and then; what kind of change it is tells `stage`.
            return ((column != old) | previous.first).fill_null(False)
        return changes.compared(self.org, old, column, test)

    def _performer(self, rule: Rule, at: pl.Series) -> dict[str, pl.Series]:
        """Who did it, and whether that is a person: the mapping says so, else the user's type, else the name."""
        found = pl.Series([None], dtype=pl.String).new_from_index(0, len(at))
        for field in rule.actor:
            if self.org.has(rule.object, field):
                found = found.zip_with(found.is_not_null(), self.org.text(rule.object, field).gather(at))
        name, kind = self.people.named(found), self.people.kind(found)
        said = self.org.mapping.actors
        kinds = {who: said.get(who) or kind_of(who) for who in name.drop_nulls().unique().to_list()}
        named = name.replace_strict(kinds, default=None, return_dtype=pl.String)
        surely = kind.is_not_null() & ~name.is_in(list(said))
        return {"actor": name, "actor_kind": kind.zip_with(surely, named)}

    def _lead(self, rule: Rule, about: pl.DataFrame, at: pl.Series) -> pl.Series:
        """The lead that a record is, describes or, as a touch, went to."""
        found = about["id"].zip_with(
            about["type"] == LEAD, pl.Series([None], dtype=pl.String).new_from_index(0, len(at))
        )
        for way in self.org.mapping.kinds[rule.object].reach if rule.when.get("of") == LEAD else ():
            if way.object == LEAD and LEAD in self.org.frames and self.org.has(rule.object, way.field):
                lead = self.org.text(LEAD, "Id").gather(self.org.places(rule.object, way.field, LEAD).gather(at))
                found = found.zip_with(found.is_not_null(), lead)
        return found

    def _extra(self, rule: Rule, at: pl.Series) -> dict[str, pl.Series]:
        found = {}
        for column, fields in rule.extra.items():
            fields = (*fields, *self._known_as(rule.object, column))
            there = [field for field in fields if self.org.has(rule.object, field)]
            if not there:
                continue
            text = self.org.text(rule.object, there[0]).gather(at)
            if column in DATES:
                found[column] = self.org.times(rule.object, there[0]).time.gather(at)
            elif column == "payment_terms_days":
                found[column] = values.days(text).numbers
            elif column in NUMBERS:
                found[column] = self.org.numbers(rule.object, there[0]).gather(at)
                if rule.when.get("reversed"):
                    found[column] = -found[column].abs()
            else:
                found[column] = text
        return found

    def _known_as(self, name: str, column: str) -> list[str]:
        """Custom fields of an object that bear a known name of a column."""
        return [c for c in conditions.custom(self.org.frames[name]) if matching.is_strong(c, column)]

    def _named(self, rule: Rule, at: pl.Series) -> pl.Series:
        if "{" not in rule.activity:
            return pl.Series([rule.activity]).new_from_index(0, len(at))
        before, _, rest = rule.activity.partition("{")
        field, _, after = rest.partition("}")
        labels = self.org.text(rule.object, field).gather(at)
        names = {label: self._activity(f"{before}{label}{after}") for label in labels.drop_nulls().unique().to_list()}
        return labels.replace_strict(names, default=None, return_dtype=pl.String)

    def _activity(self, name: str) -> str:
        """The vocabulary's name of a stage, if no record of another object tells of the same thing."""
        known = matching.match_activity(name)
        return known if known is not None and known not in self._made else name

    def _abouts(self, name: str) -> pl.DataFrame:
        """What each record is about, itself or what it is part of: `type, key, id`."""
        if name not in self._about:
            self._about[name] = self._find_about(name, self.org.mapping.kinds[name].part_of)
        return self._about[name]

    def _find_about(self, name: str, lookups: tuple[Way, ...]) -> pl.DataFrame:
        org = self.org
        frame = org.frames[name]
        own = {
            "type": pl.Series([name]).new_from_index(0, frame.height),
            "key": frame["_key"],
            "id": org.text(name, "Id"),
        }
        ways = [way for way in lookups if org.has(name, way.field)]
        found = pl.DataFrame({k: pl.Series([None], dtype=pl.String).new_from_index(0, frame.height) for k in own})
        for way in ways:
            for target in list(org.frames) if way.object == ANY else [way.object]:
                if target in org.frames and (target != name or way.object == name):
                    place = org.places(name, way.field, target)
                    if place.null_count() < len(place):
                        whole = pl.DataFrame(own) if target == name else self._abouts(target)
                        there = whole[place.fill_null(0)] if org.frames[target].height else None
                        if there is not None:
                            met = place.is_not_null() & found["key"].is_null()
                            found = pl.DataFrame({c: there[c].zip_with(met, found[c]) for c in own})
            if way.object != ANY and way.object not in org.frames:
                # A history without its parent's file still tells whose it is.
                text = org.text(name, way.field)
                keys = text.to_frame("k").select(id_key(pl.col("k"))).to_series()
                empty = found["key"].is_null()
                told = {"type": pl.Series([way.object]).new_from_index(0, len(text)), "key": keys, "id": text}
                found = pl.DataFrame({c: told[c].zip_with(empty, found[c]) for c in own})
        known = found["key"].is_not_null()
        return pl.DataFrame({c: found[c].zip_with(known, own[c]) for c in own})

    def _before_conversion(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Touches of a case that has a lead, until the deal was opened."""
        if LEAD not in self.deals.of:
            return rows.clear()
        rows = rows.join(self.deals.of[LEAD].select("case").unique(), on="case", how="semi")
        if DEAL not in self.org.frames:
            return rows
        opened = pl.DataFrame(
            {"case": self.org.frames[DEAL]["_key"], "opened": self.org.times(DEAL, "CreatedDate").time}
        )
        rows = rows.join(opened, on="case", how="left", maintain_order="left")
        return rows.filter(pl.col("opened").is_null() | (pl.col("time") <= pl.col("opened"))).drop("opened")
