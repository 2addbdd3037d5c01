"""What the codes of tables and their rows mean."""

from earmark.codes.catalogue import Code, catalogue

TABLE_CODES = catalogue(
    Code(
        "E201",
        "Unknown column",
        "The table has no column of that name, and a column that is not known is never"
        " ignored. Names are lower case, without blanks around them: `Due` or ` due` is not"
        " `due`. The hint names the nearest one. Columns for your own use: put the words in"
        " `note`.",
    ),
    Code(
        "E202",
        "A column that is needed is missing",
        "Every row of the table needs this column. For example orders.csv without `due`. Add"
        " the column and fill it in.",
    ),
    Code(
        "E203",
        "The column stands there twice",
        "Two columns of one table have the same name, so a cell could mean either. Keep one.",
    ),
    Code(
        "E204",
        "Two rows with the same key and the same `known`",
        "A key stands for one thing. Two rows may have one key only when they became known on"
        " different days; then the latest counts. For example two rows for the order o1,"
        " neither with `known`. Delete one, rename one, or give the later one its day in"
        " `known`.",
    ),
    Code(
        "E205",
        "More cells than columns",
        "The row has a cell to the right of the last column name, or under a column without a"
        ' name. Often a comma inside a text or a number: write "12,000 GPUs, late" in double'
        " quotes. In the sheet `book` each row has two cells.",
    ),
    Code(
        "E206",
        "Unknown table",
        "A CSV file or sheet has a name that no table has, and a table that is not known is"
        " never ignored. For example `order.csv`: rename it orders.csv. Notes of your own"
        " belong in a file that does not end with .csv.",
    ),
    Code(
        "E207",
        "A table that is not built yet",
        "The book format has this table, but this version cannot follow what it says. It is"
        " refused rather than ignored. Take it out of the book for now.",
    ),
    Code(
        "E290",
        "Nothing to drop",
        "A row of an overlay with `drop` = yes removes a key of the book, but the book has no"
        " such key. Mend the key, or take the row out.",
    ),
    Code(
        "E291",
        "A key is dropped and given in one overlay",
        "A row with `drop` = yes removes a key, and another row of the same overlay gives it."
        " A row without drop replaces what the book has: keep that one, or the other.",
    ),
)
"""What can be wrong with a table as a whole, or between its rows."""
