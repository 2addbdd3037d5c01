"""What each error code means: the words of `earmark explain E102`.

Codes keep their meaning for good: scripts and notes may name them.
"""

from collections.abc import Mapping
from types import MappingProxyType

from earmark.rule_codes import RULE_CODES, Code

__all__ = ["CELL_CODES", "CODES", "FILE_CODES", "RULE_CODES", "TABLE_CODES", "Code"]


def _catalogue(*codes: Code) -> Mapping[str, Code]:
    return MappingProxyType({code.code: code for code in codes})


CELL_CODES = _catalogue(
    Code(
        "E101",
        "A cell that is needed is empty",
        "Every row needs this cell; there is no value that could stand for it. For example an"
        " order without `due`. Fill it in, or delete the row.",
    ),
    Code(
        "E102",
        "Expected a whole number of GPUs",
        "GPUs are counted one by one, in plain digits: 12000. Text such as `12,000 H100` or"
        " `1.5k` is not guessed at: write 12000, and name the product in the column product."
        " `12000.0`, as spreadsheets export it, is fine.",
    ),
    Code(
        "E103",
        "Expected a whole number",
        "The column holds a whole number in plain digits, such as the tier 1. For example"
        " `first` or `1.5`. Write 1.",
    ),
    Code(
        "E104",
        "Expected a number",
        "The column holds a number in plain digits with a point before the decimals, such as"
        " 27500.50 or 1.2. No currency, no thousands separator, no percent sign, no exponent:"
        " write 27500 for `$27,500`.",
    ),
    Code(
        "E105",
        "Expected a date as YYYY-MM-DD",
        "Days are written as year, month, day: 2024-06-15. `06/15/2024` and `15.06.2024` are"
        " not read, because 03/04/2024 is one day in March or another in April, depending on"
        " the reader. In a workbook a true date cell is fine, too; a number such as 45458 is a"
        " date cell that has lost its format.",
    ),
    Code(
        "E106",
        "Expected one of a few words",
        "The column knows only the words that the message lists, spelled like that. For"
        " example the status `Booked` instead of `booked`. Write one of them, or leave the"
        " cell empty where the column has a default.",
    ),
    Code(
        "E107",
        "The number is out of range",
        "The number is below the least or above the most that makes sense in this column: a"
        " quantity below 0, a move of 0 units, a percentage over 100, more than 10^12 GPUs."
        " To take units away, write a move such as `release` or `retire`, not a negative"
        " number.",
    ),
    Code(
        "E108",
        "The spreadsheet shows an error in this cell",
        "The formula in the cell has no result: `#DIV/0!`, `#REF!`, `#N/A` and the like. Mend"
        " the formula, or put a value in its place.",
    ),
    Code(
        "E109",
        "A character that cannot be seen",
        "The cell holds a control character, a line break inside an id, or a mark of no width,"
        " often copied along from a web page. Two ids that look alike would differ. Type the"
        " cell again.",
    ),
    Code(
        "E110",
        "Expected one id, found `;`",
        "`;` stands between ids, and only the column evidence holds several. For example the"
        " site `austin;memphis`. Write one row for each.",
    ),
    Code(
        "E111",
        "The text is too long",
        "A cell holds at most 32767 characters, as in a spreadsheet. Often a double quote is"
        " missing above, so that the rest of a CSV file reads as one cell.",
    ),
    Code(
        "E112",
        "Expected yes or nothing",
        "The column `drop` of an overlay says `yes` where the key is to be removed, and `no`"
        " or nothing otherwise. For example `y` or `x`: write yes.",
    ),
)
"""What can be wrong with one cell."""

TABLE_CODES = _catalogue(
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
        "E208",
        "A rule column that is not built yet",
        "The book format has this column of orders, but this version cannot follow the rule."
        " A cell that is given is refused rather than ignored: a plan that breaks the rule"
        " would look as if it kept it. Leave the cell empty. (A weight of 1 is fine.)",
    ),
    Code(
        "E209",
        "Several acceptable products are not built yet",
        "An order may name several products with `;` between, best first, such as"
        " `H200;H100`. This version plans one product for each order. Name one.",
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

FILE_CODES = _catalogue(
    Code(
        "E401",
        "The file or sheet is empty",
        "There is not even a header. A table without rows holds its header alone; a table"
        " that the book does not need is not there at all.",
    ),
    Code(
        "E402",
        "The file is not UTF-8",
        "CSV and TOML files are read as UTF-8, with or without a byte-order mark. The message"
        " names the first byte that is none. Save the file as `CSV UTF-8`.",
    ),
    Code(
        "E403",
        "The file holds a NUL byte",
        "No text holds a byte 0: the file is damaged, or no CSV at all. Save it again as `CSV"
        " UTF-8`.",
    ),
    Code(
        "E404",
        "A double quote is wrong",
        "A cell that begins with a double quote ends with one, and a quote inside it is written"
        ' twice: "a ""large"" order". The row named is where the cell began.',
    ),
    Code(
        "E405",
        "No comma stands between the cells",
        "The file is separated by semicolons, tabs or bars, or is a workbook under the name of"
        " a CSV file. Save it as `CSV UTF-8 (comma delimited)`.",
    ),
    Code(
        "E406",
        "No workbook, or a damaged one",
        "The file ends with .xlsx but cannot be read as a workbook: it was cut off, or changed"
        " on its way. Open it in a spreadsheet and save it as .xlsx again.",
    ),
    Code(
        "E407",
        "A locked or an old workbook",
        "The workbook is protected by a password, or was saved in the format before .xlsx."
        " Save it as .xlsx without a password.",
    ),
    Code(
        "E408",
        "The workbook is too large",
        "It unpacks to far more than a book can hold, or a stray cell far out stretches a sheet"
        " over millions of cells. Copy the tables to a new workbook.",
    ),
    Code(
        "E409",
        "No book",
        "A book is a folder of CSV files beside a book.toml, or one .xlsx workbook. For a"
        " folder name the folder, not a file in it.",
    ),
    Code(
        "E410",
        "The book has no settings",
        "A folder needs a book.toml, a workbook a sheet `book` with the columns key and value."
        ' They hold title = "My book", currency = "USD", start = 2024-01-01 and end ='
        " 2025-01-01.",
    ),
    Code(
        "E411",
        "book.toml cannot be read",
        "The line that is named is no TOML: texts stand in double quotes, dates are 2024-01-01,"
        ' a key stands there once. For example title = My book: write title = "My book".',
    ),
    Code(
        "E412",
        "Unknown key",
        "book.toml, or the sheet `book`, has a key that is not known, and such a key is never"
        " ignored. The hint names the nearest one. An overlay holds `title` alone.",
    ),
    Code(
        "E413",
        "A key is missing",
        'title, currency, start and end have to be given. For example currency = "USD".',
    ),
    Code(
        "E414",
        "The value of a key is wrong",
        'The message says what the key expects. For example share = "maxmin": write'
        ' "max_min". The key of a policy stands under its name: policy.board.share.',
    ),
    Code(
        "E415",
        "The book ends before it starts",
        "A book covers the days from start up to, and without, end. Give a later end.",
    ),
    Code(
        "E416",
        "Unknown policy",
        "The policy named is neither in the book ([policy.NAME]) nor built in (priority, fair,"
        " first_come).",
    ),
    Code(
        "E417",
        "A rule of a policy that is not built yet",
        "The book format has this share or key, but this version cannot follow it. It is"
        " refused rather than ignored. Use max_min or first_come, or leave the key out.",
    ),
    Code(
        "E418",
        "A format that is not built yet",
        "Books are read from CSV folders and from .xlsx. Parquet files and stores"
        " (sqlite:///..., postgresql://...) come later, and a folder's tables are CSV alone."
        " Save the table as CSV.",
    ),
    Code(
        "E419",
        "The same table twice",
        "One table lies there in two files, such as lots.csv and lots.xlsx: which one counts"
        " cannot be told. Keep one.",
    ),
    Code(
        "E420",
        "The same key twice",
        "A key stands in the sheet `book` twice, or the book's policy is named twice, as policy"
        " and as policy.default. Keep one.",
    ),
    Code(
        "E421",
        "The overlay is empty",
        "An overlay is a folder or workbook of tables whose rows replace, add to or drop rows"
        " of a book; this one has no table. Perhaps another folder was meant.",
    ),
)
"""What can be wrong with a file, a workbook or the settings of a book."""

CODES: Mapping[str, Code] = MappingProxyType(
    {**CELL_CODES, **TABLE_CODES, **RULE_CODES, **FILE_CODES}
)
"""Every code, by its name."""
