"""The zip archive inside an .xlsx file: whole, of a sane size, and what calamine does not tell.

calamine gives an empty text for a cell that shows an error, and allots room for the whole area
between the outermost cells. Both are looked for here, in the XML itself, before it reads.
"""

import copy
import io
import posixpath
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from xml.parsers import expat

LARGEST_BYTES = 2**30
"""Most bytes that a workbook may unpack to."""

LARGEST_AREA = 30_000_000
"""Most cells between the outermost cells of a sheet: a full sheet of 28 columns."""

_CHUNK = 2**20
_ERROR_CELL = re.compile(rb"<(?:\w+:)?c\s(?:[^<>]*\s)?t\s*=\s*[\"']e[\"']")
_ROW = re.compile(rb"<(?:\w+:)?row\s(?:[^<>]*\s)?r\s*=\s*[\"']0*([0-9]{4,})[\"']")
_FAR = re.compile(rb"[\"'](?:([A-Z]{2,3})[0-9]+|[A-Z]{0,3}0*([0-9]{7,}))[\"']")
"""What the place of a row or cell far out looks like, fast to search for among millions."""

_BEFORE_PLACE = re.compile(rb"\sr\s*=\s*$")
_PLACE_PARTS = re.compile(rb"[\"']([A-Z]*)([0-9]+)[\"']")
_PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


class DamagedError(Exception):
    """The archive, or XML inside it, is not what a workbook holds."""


class LockedError(Exception):
    """The archive cannot be read without a password."""


class HugeError(Exception):
    """The archive unpacks to more than a book can be."""


@dataclass(frozen=True, slots=True)
class Package:
    """A verified archive: every part unpacks to the size and checksum it declares."""

    archive: zipfile.ZipFile
    sheets: dict[str, str]
    """The name of the part that holds each sheet, by the sheet's name."""

    def errors(self, sheet: str) -> dict[tuple[int, int], str]:
        """Return the text of each cell that shows an error, by row and column from 0.

        Raises HugeError when the sheet's outermost cells lie too far apart.
        """
        part = self.sheets.get(sheet)
        if part is None:
            raise DamagedError(f"the sheet {sheet} is not in the file")
        xml = _part(self.archive, part)
        if _area(xml) > LARGEST_AREA:
            raise HugeError(f"the sheet {sheet} reaches too far: delete cells far out")
        quoted = b'"e"' in xml or b"'e'" in xml
        return _error_cells(xml) if quoted and _ERROR_CELL.search(xml) else {}


def open_package(content: bytes) -> Package:
    """Verify an archive and return it. Raises DamagedError, LockedError or HugeError."""
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise LockedError
    if not content.startswith(b"PK"):
        raise DamagedError("it is no zip archive")
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        _verify(archive)
        return Package(archive, _sheet_parts(archive))
    except (DamagedError, LockedError, HugeError):
        raise
    except Exception as error:
        raise DamagedError(str(error) or type(error).__name__) from error


def _verify(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    if len({part.filename for part in parts}) != len(parts):
        raise DamagedError("two parts have one name")
    if any(part.flag_bits & 1 for part in parts):
        raise LockedError
    room = LARGEST_BYTES
    for part in parts:
        # The declared size is not believed: what comes out is counted.
        doubtful = copy.copy(part)
        doubtful.file_size = LARGEST_BYTES + 1
        size = 0
        with archive.open(doubtful) as file:
            while chunk := file.read(_CHUNK):
                size += len(chunk)
                if size > room:
                    raise HugeError(f"it unpacks to more than {LARGEST_BYTES // 2**20} MiB")
        if size != part.file_size:
            raise DamagedError(f"{part.filename} has another size than it declares")
        room -= size


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        xml = archive.read(name)
    except KeyError as error:
        raise DamagedError(f"{name} is not in the file") from error
    # Without a document type there are no entities that could grow, and every part is UTF-8.
    if b"<!DOCTYPE" in xml or b"\0" in xml[:100]:
        raise DamagedError(f"{name} is no plain XML")
    return xml


def _sheet_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    targets: dict[str, str] = {}
    places: dict[str, str] = {}

    def relation(name: str, attributes: dict[str, str]) -> None:
        if _local(name) == "Relationship":
            target = attributes.get("Target", "")
            target = target[1:] if target.startswith("/") else posixpath.join("xl", target)
            targets[attributes.get("Id", "")] = posixpath.normpath(target)

    def sheet(name: str, attributes: dict[str, str]) -> None:
        if _local(name) == "sheet":
            ids = [value for key, value in attributes.items() if _local(key) == "id"]
            places[attributes.get("name", "")] = targets.get(ids[0], "") if ids else ""

    _parse(_part(archive, "xl/_rels/workbook.xml.rels"), relation)
    _parse(_part(archive, "xl/workbook.xml"), sheet)
    return places


def _parse(xml: bytes, start: Callable[[str, dict[str, str]], None]) -> None:
    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.Parse(xml, True)  # noqa: FBT003 - the parser's own signature


def _error_cells(xml: bytes) -> dict[tuple[int, int], str]:
    found: dict[tuple[int, int], str] = {}
    row = column = -1
    inside = value = False

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal row, column, inside, value
        local = _local(name)
        if local == "row":
            row = int(attributes["r"]) - 1 if "r" in attributes else row + 1
            column = -1
        elif local == "c":
            place = _PLACE.fullmatch(attributes.get("r", ""))
            column = column + 1 if place is None else _number(place[1]) - 1
            if place is not None:
                row = int(place[2]) - 1
            inside = attributes.get("t") == "e"
            if inside:
                found[row, column] = ""
        elif local == "v" and inside:
            value = True

    def end(name: str) -> None:
        nonlocal value
        value = value and _local(name) != "v"

    def text(data: str) -> None:
        if value:
            found[row, column] += data

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    try:
        parser.Parse(xml, True)  # noqa: FBT003
    except (expat.ExpatError, ValueError) as error:
        raise DamagedError(str(error)) from error
    return {place: shown.strip() or "#ERROR!" for place, shown in found.items()}


def _area(xml: bytes) -> int:
    """Return at least the cells between the outermost cells of a sheet."""
    rows, wide = 10_000, 26
    parts = [
        _PLACE_PARTS.findall(match[0])[0]
        for match in _FAR.finditer(xml)
        if _BEFORE_PLACE.search(xml, max(0, match.start() - 40), match.start())
    ]
    if not parts:
        return rows * wide  # or at most a million rows of 26 columns
    for letters, number in parts:
        rows, wide = max(rows, int(number)), max(wide, _number(letters.decode()))
    return wide * max(rows, max(map(int, _ROW.findall(xml)), default=0))


def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _local(name: str) -> str:
    return name.rpartition(":")[2]
