"""What the codes of files and the settings in book.toml mean."""

from earmark.codes.catalogue import Code, catalogue

FILE_CODES = catalogue(
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
        "A book is a folder of CSV or Parquet files beside a book.toml, or one .xlsx workbook. For"
        " a folder name the folder, not a file in it.",
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
        "E418",
        "A format that is not read",
        "Books are read from folders of CSV and Parquet files, from .xlsx and from stores; a store"
        " is named by its address, such as sqlite:///book.db. Save the table as CSV.",
    ),
    Code(
        "E419",
        "The same table twice",
        "One table lies there in two files, such as lots.csv and lots.parquet: which one counts"
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
    Code(
        "E423",
        "No Parquet file, or a damaged one",
        "The file ends with .parquet but cannot be read as such: it was cut off, changed on its"
        " way, or encrypted. Write it again.",
    ),
    Code(
        "E424",
        "A column of a type that has no text",
        "A column of Parquet may hold texts, numbers, days, or true and false. Lists, records and"
        " bytes are none of these. For example evidence as a list: write its ids as one text, with"
        " ; between them.",
    ),
)
"""What can be wrong with a file, a workbook or the settings of a book."""
