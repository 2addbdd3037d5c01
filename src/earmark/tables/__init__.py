"""The only readers and writers of book files: folders of CSV and workbooks."""

from earmark.tables.overlays import Overlay, lay
from earmark.tables.reading import read_book, read_overlay

__all__ = ["Overlay", "lay", "read_book", "read_overlay"]
