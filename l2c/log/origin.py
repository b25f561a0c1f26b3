"""Where does a log come from, which part of it is this, and whom may it name?"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from l2c.words.errors import BadOption

if TYPE_CHECKING:
    import pandas as pd

# Beside the files of the demo company: which they are, and which company.
MARK = "demo.json"
# On pages, in JSON and on the dashboard: comparisons of fewer people, or of people with fewer cases, point at somebody.
SMALLEST = 5
# Of a large file so many pieces of a megabyte are looked at, evenly spread: enough to tell two exports apart.
PIECES, PIECE = 64, 1 << 20
ADDRESS = re.compile(r"https://[a-z0-9][a-z0-9-]*(\.[a-z0-9-]+)+(:[0-9]+)?", re.IGNORECASE)


@dataclass(frozen=True)
class Origin:
    """What is known of a log beside its rows; it stands in `log.json`.

    Attributes
    ----------
    id
        The hash of the input: of the content of files, or of where an org or warehouse is. Logs of one input have one id,
        whatever part of it they hold. Empty for rows in memory, whose log is hashed itself (see `Base.id`).
    demo
        Number of cases and seed of the demo company, where the log is that of the demo company.
    selection
        The filters that made this part of a log, as words; empty for a whole one.
    masked
        Attributes that carry pseudonyms.
    names
        Whether comparisons show the names of people.
    smallest
        The fewest people, and the fewest cases of a person, that are compared by value; a log that is not handed on keeps
        no such bound.
    hidden
        Activities that the log does not show as they were, since only a part of the process was kept or they were grouped, with
        the share of the cases concerned: what asks for them cannot be answered.
    org
        Address of the Salesforce org (`https://acme.my.salesforce.com`), for links to its records; empty where unknown.
    """

    id: str = ""
    demo: tuple[int, int] | None = None
    selection: Mapping[str, str] = field(default_factory=dict)
    masked: tuple[str, ...] = ()
    names: bool = False
    smallest: int = 1
    hidden: Mapping[str, float] = field(default_factory=dict)
    org: str = ""

    def facts(self) -> dict[str, Any]:
        """What `log.json` says of it."""
        demo = dict(zip(("cases", "seed"), self.demo, strict=True)) if self.demo else None
        facts: dict[str, Any] = {
            "id": self.id,
            "demo": demo,
            "filters": dict(self.selection),
            "masked": list(self.masked),
        }
        facts |= {"hidden": dict(self.hidden)} if self.hidden else {}
        facts |= {"org": self.org} if self.org else {}
        return facts | {"names": self.names, "smallest_group": self.smallest}

    @classmethod
    def of_facts(cls, facts: Mapping[str, Any]) -> Origin:
        """Read what `facts` wrote; a log of an earlier version says little of itself."""
        demo = facts.get("demo")
        return cls(
            facts.get("id") or "",
            (int(demo["cases"]), int(demo["seed"])) if demo else None,
            dict(facts.get("filters") or {}),
            tuple(facts.get("masked") or ()),
            bool(facts.get("names")),
            int(facts.get("smallest_group") or 1),
            {str(name): float(share) for name, share in (facts.get("hidden") or {}).items()},
            str(facts.get("org") or ""),
        )

    @classmethod
    def of_source(cls, source: Any) -> Origin:
        """Tell the origin of files by their content; of frames and pipes nothing is known."""
        files = _files(source)
        if not files:
            return cls()
        found = digest(files)
        return cls(found, demo=_demo(files[0], found))


def address(url: str) -> str:
    """The address of an org, without what may stand after it.

    Raises
    ------
    BadOption
        If it is none.
    """
    bare = url.strip().rstrip("/")
    if not ADDRESS.fullmatch(bare):
        raise BadOption.org(url)
    return bare


def named(place: str) -> str:
    """The hash of an org or a warehouse by where it is: it is the same input each week, whatever has been added to it."""
    return hashlib.sha256(f"named {place}".encode("utf-8", "surrogatepass")).hexdigest()


def digest(files: Sequence[Path]) -> str:
    """The hash of some files in the order of their names; what they are called does not matter."""
    found = hashlib.sha256()
    for file in sorted(files, key=lambda path: path.name):
        size = file.stat().st_size
        found.update(str(size).encode())
        step = max(PIECE, size // PIECES)
        with file.open("rb") as stream:
            for start in range(0, size, step):
                stream.seek(start)
                found.update(stream.read(PIECE))
    return found.hexdigest()


def content(cases: pd.DataFrame) -> str:
    """The hash of a log that came from no file: `case_id, started, ended, events` of each case."""
    rows = cases.sort_values("case_id", ignore_index=True)
    found = hashlib.sha256("\n".join(map(str, rows["case_id"].to_numpy(object))).encode("utf-8", "surrogatepass"))
    for name in ("started", "ended"):
        found.update(rows[name].to_numpy("datetime64[us]").astype("int64").tobytes())
    found.update(rows["events"].to_numpy("int64").tobytes())
    return found.hexdigest()


def handed_on(id: str) -> str:
    """The id of a log in other hands: it tells two logs apart, and is no key to the pseudonyms of the first."""
    return hashlib.sha256(f"handed on {id}".encode()).hexdigest()


def mark(folder: Path, cases: int, seed: int, parts: Sequence[Sequence[Path]]) -> Path:
    """Write beside the demo company's files which they are, so that they are known again."""
    path = folder / MARK
    facts = {"schema": 1, "cases": cases, "seed": seed, "ids": [digest(files) for files in parts]}
    path.write_text(json.dumps(facts, indent=1) + "\n", "utf-8")
    return path


def _demo(file: Path, id: str) -> tuple[int, int] | None:
    """Which demo company a file belongs to: the mark beside it, or beside its folder, must know its content."""
    for folder in (file.parent, file.parent.parent):
        try:
            facts = json.loads((folder / MARK).read_text("utf-8"))
            if id in facts["ids"]:
                return int(facts["cases"]), int(facts["seed"])
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return None


def _files(source: Any) -> list[Path]:
    """The plain files of a source; none where it is no file, such as a pipe, a frame or an address."""
    if isinstance(source, (list, tuple)):
        found = [_files(each) for each in source]
        return [file for files in found for file in files] if all(found) else []
    if not isinstance(source, (str, Path)):
        return []
    try:
        path = Path(source)
        inside = [file for file in path.rglob("*") if not file.name.startswith(".")] if path.is_dir() else [path]
        return [file for file in inside if file.is_file()]
    except (OSError, ValueError):
        return []
