"""What can go wrong, and the words for it: what is wrong, what was found, what to do; in English and in Japanese."""

from l2c.words.errors.alerts import BadAlerts
from l2c.words.errors.asking import BadChange, BadComparison, BadFilter, BadGroups, BadMargin, BadPart, UnknownName
from l2c.words.errors.base import L2CError
from l2c.words.errors.calendars import BadCalendar, NoCalendar
from l2c.words.errors.columns import (
    AmbiguousBlanks,
    AmbiguousDates,
    AmbiguousNumbers,
    AmbiguousRows,
    BadEvents,
    ColumnsNotFound,
    UntypedColumn,
)
from l2c.words.errors.entries import BadEntry
from l2c.words.errors.files import NothingToRead, UnreadableColumn, UnreadableFile
from l2c.words.errors.ids import ChangedIds
from l2c.words.errors.kinds import ObjectTypes, OtherKind
from l2c.words.errors.logs import EngineTrouble, UnreadableLog
from l2c.words.errors.mapping import BadMapping
from l2c.words.errors.options import BadOption, BadTimeZone
from l2c.words.errors.rules import BadKpis, BadModel, BadRules, NoModel
from l2c.words.errors.running import BadDemo, BadPicture, MissingExtra, NotebookFailed, PortTaken
from l2c.words.errors.salesforce import OrgTrouble, WarehouseTrouble
from l2c.words.errors.scenarios import BadRegister, BadScenario, NotTrusted
