"""The only readers and writers of book files: folders of CSV and Parquet, and workbooks."""

from earmark.tables.overlays import Overlay, lay
from earmark.tables.reading import read_book, read_overlay
from earmark.tables.writing import write_book, write_grants

__all__ = ["Overlay", "lay", "read_book", "read_overlay", "write_book", "write_grants"]
