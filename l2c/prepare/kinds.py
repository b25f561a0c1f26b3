"""What kind of file is it? Told by its first bytes, never by its name."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

# So many bytes tell the kind of a file: a tar says what it is only at 257.
FIRST = 4096
PARQUET, ZIP, OLE, SQLITE, DUCKDB, TAR = "Parquet", "zip", "OLE", "SQLite", "DuckDB", "tar"
GZIP, BZIP2, XZ, ZSTD = "gzip", "bzip2", "xz", "Zstandard"
WORKBOOK = "Excel"
OUTLOOK = "Outlook"
ENCRYPTED = "a workbook with a password"
# One stream of bytes, packed.
STREAMS = {GZIP, BZIP2, XZ, ZSTD}
_MARKS = (
    (0, b"PAR1", PARQUET), (0, b"PK\x03\x04", ZIP), (0, b"PK\x05\x06", ZIP), (0, b"\xd0\xcf\x11\xe0", OLE),
    (0, b"SQLite format 3\0", SQLITE), (8, b"DUCK", DUCKDB), (257, b"ustar", TAR),
    (0, b"\x1f\x8b", GZIP), (0, b"BZh", BZIP2), (0, b"\xfd7zXZ\0", XZ), (0, b"\x28\xb5\x2f\xfd", ZSTD),
)  # fmt: skip
# What is no table: shown pages, databases of other programs, other packings, other forms of data.
_PAGES = (
    (0, b"%PDF", "PDF"), (0, b"{\\rtf", "RTF"), (0, b"\x89PNG", "PNG"), (0, b"\xff\xd8\xff", "JPEG"), (0, b"GIF8", "GIF"),
    (0, b"II*\0", "TIFF"), (0, b"MM\0*", "TIFF"), (8, b"WEBP", "WebP"), (4, b"ftyphei", "HEIC"), (4, b"ftyp", "MP4"),
    (0, b"%!PS", "PostScript"), (0, b"BM", "BMP"),
)  # fmt: skip
_PROGRAMS = (
    (4, b"Standard Jet DB", "Microsoft Access"), (4, b"Standard ACE DB", "Microsoft Access"), (0, b"HyPe", "Tableau Hyper"),
    (0, b"!BDN", OUTLOOK), (0, b"$FL2", "SPSS"), (0, b"$FL3", "SPSS"), (0, b"<stata_dta>", "Stata"),
    (84, b"SAS FILE", "SAS"), (0, b"SQLite format 2", "SQLite 2"), (0, b"<?qvd", "QlikView"), (0, b"PGDMP", "pg_dump"),
)  # fmt: skip
_PACKINGS = (
    (0, b"7z\xbc\xaf\x27\x1c", "7z"), (0, b"Rar!", "RAR"), (0, b"\x04\x22\x4d\x18", "LZ4"), (0, b"\x1f\x9d", "compress (.Z)"),
    (0, b"\x1f\xa0", "compress (.Z)"), (0, b"MSCF", "CAB"), (0, b"-----BEGIN PGP", "PGP"),
    (0, b"version https://git-lfs", "Git LFS"),
)  # fmt: skip
_DATA = (
    (0, b"Obj\x01", "Avro"), (0, b"ORC", "ORC"), (0, b"ARROW1", "Arrow"), (0, b"FEA1", "Feather"), (0, b"\x89HDF", "HDF5"),
    (0, b"RDX", "R"), (0, b"\x80\x04\x95", "pickle"), (0, b"\x80\x05\x95", "pickle"), (0, b"CDF\x01", "NetCDF"),
)  # fmt: skip
# What a zip is, by a member that no other has.
_ZIPPED = (
    (r"xl/workbook\.(xml|bin)", WORKBOOK), (r"word/document\.xml", "Word"), (r"ppt/presentation\.xml", "PowerPoint"),
    (r"visio/document\.xml", "Visio"), (r"DataModel(Schema)?|Report/Layout", "Power BI"), (r"[^/]+\.twb", "Tableau"),
    (r"Index/Document\.iwa|index\.(xml|apxl)|Index\.zip", "Apple Numbers"), (r"META-INF/MANIFEST\.MF", "Java"),
)  # fmt: skip
_OPEN_DOCUMENT = {"spreadsheet": WORKBOOK, "text": "OpenDocument Text", "presentation": "OpenDocument Presentation"}
_STREAMS_OF_OLE = (
    ("EncryptedPackage", ENCRYPTED), ("Workbook", WORKBOOK), ("Book", WORKBOOK), ("WordDocument", "Word"),
    ("PowerPoint Document", "PowerPoint"), ("__substg1.0_", OUTLOOK), ("VisioDocument", "Visio"),
)  # fmt: skip
PAGES = {kind for _, _, kind in _PAGES} | {
    "Word",
    "PowerPoint",
    "OpenDocument Text",
    "OpenDocument Presentation",
    "Visio",
}
PROGRAMS = {kind for _, _, kind in _PROGRAMS} | {"Power BI", "Tableau", "Apple Numbers", "Java", "OLE"}
PACKINGS = {kind for _, _, kind in _PACKINGS}
DATA = {kind for _, _, kind in _DATA}


def of(head: bytes) -> str:
    """The kind that the first bytes of a file tell; nothing where they may be text.

    Parameters
    ----------
    head
        The first `FIRST` bytes, or all of a shorter file.
    """
    for at, mark, kind in (*_MARKS, *_PAGES, *_PROGRAMS, *_PACKINGS, *_DATA):
        if head[at : at + len(mark)] == mark and not (kind in ("BMP", "ORC", "R") and _is_text(head)):
            return kind
    return ""


def _is_text(head: bytes) -> bool:
    """Whether letters that begin a kind of file may begin the header of a table as well: BMP, ORC."""
    return b"\0" not in head


def of_zip(packed: zipfile.ZipFile) -> str:
    """What a zip file is: a workbook, a file of another program, or just a zip of files."""
    names = packed.namelist()
    for pattern, kind in _ZIPPED:
        if any(re.fullmatch(pattern, name, re.IGNORECASE) for name in names):
            return kind
    if "mimetype" in names:
        with packed.open("mimetype") as file:
            said = file.read(100).decode("ascii", "replace")
        return next((kind for word, kind in _OPEN_DOCUMENT.items() if f"opendocument.{word}" in said), ZIP)
    return ZIP


def of_ole(file: Path) -> str:
    """What a file of Microsoft's old container is, by the names of the streams in it."""
    data = file.read_bytes()
    return next((kind for name, kind in _STREAMS_OF_OLE if name.encode("utf-16-le") in data), OLE)
