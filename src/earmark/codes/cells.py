"""What the codes of cells mean."""

from earmark.codes.catalogue import Code, catalogue

CELL_CODES = catalogue(
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
        "`;` stands between ids, and only the column evidence holds several, and product and"
        " site of orders. For example the site `austin;memphis` of a move. Write one row for"
        " each.",
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
    Code(
        "E113",
        "An id is missing or twice between `;`",
        "An order may name several products, or several sites, of which any will do: best first,"
        " `;` between, each once. For example `H200;;H100` or `H200;H100;H200`.",
    ),
    Code(
        "E114",
        "Factors that are no whole numbers",
        "`factors` says, for each product of an order, how many units of the order one unit of it"
        " counts for: whole numbers of 1 or more, `;` between, such as `1;2`. Not 0, not -1, not"
        " 0.5: count the order in the smallest unit instead, so that the others are multiples.",
    ),
)
"""What can be wrong with one cell."""
