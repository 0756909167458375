"""The codes of findings: what each means, why it matters, and what to try. Declared once, for pages and tests."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FindingCode:
    """One code. about: where it is found (file, header, row, cell, key, tables, workbook, profile). of_form: it tells of
    the form of a file alone, so two files of the same content may differ in it."""

    code: str
    about: str
    means: str
    why: str
    try_this: str
    of_form: bool = False


def _form(code: str, about: str, means: str, why: str, try_this: str) -> FindingCode:
    return FindingCode(code, about, means, why, try_this, of_form=True)


CODES: tuple[FindingCode, ...] = (
    # the bytes
    _form("E_EMPTY_FILE", "file", "The file holds nothing.",
          "An empty file is no nil return: it may be a transfer that failed.", "Send it again. A nil return is a header alone, with a row in `collection`."),
    _form("E_ENCODING", "file", "The bytes are not the text or the table that the file's name promises.",
          "Read as something else, names and codes change letters without a trace.", "Save it as CSV UTF-8; send the table itself, not an archive."),
    _form("E_NUL", "file", "A NUL byte stands in the file.",
          "Many readers end a value at a NUL, so that two pupils become one.", "Export the file again."),
    _form("E_TRUNCATED", "file", "The end of the file is missing.",
          "The rows that were lost are not known, and neither is what they would have said.", "Send the whole file again."),
    _form("W_NO_LAST_NEWLINE", "file", "The last row has no newline at its end. It was read.",
          "A file that was cut off inside its last value looks the same: 362 becomes 36.", "Compare the last value with the source, or end the file with a newline."),
    _form("E_QUOTE", "file", "A quotation mark stands where the format allows none, or is never closed.",
          "An open quote swallows all rows up to the next one: many readers return the rest and say nothing.", "Close the quote, or export again."),
    _form("E_NEWLINE", "file", "A row holds a carriage return without a newline.",
          "Readers differ on whether a row ends there.", "Save the file with LF or CRLF throughout."),
    _form("E_DELIMITER", "header", "The columns are not apart by commas, semicolons, tabs or bars.",
          "The header would be one long name.", "Save the file with commas."),
    _form("W_TRANSCODED", "file", "The file says that it is UTF-16 or UTF-32, and was read as such.", "Nothing is mended silently.", "Save it as CSV UTF-8."),
    _form("W_NEWLINE", "file", "Lines end with a carriage return alone, and were read so.", "Nothing is mended silently.", "Save it with LF or CRLF."),
    _form("W_DELIMITER", "file", "The columns are apart by another sign than a comma; it was read as such.", "Nothing is mended silently.", "Save it with commas."),
    # the header
    _form("W_HEADER_NORMALISED", "header", "Names in the header were read in lower case and without blanks.", "Nothing is mended silently.", "Write the names as they are declared."),
    _form("E_DUP_HEADER", "header", "Two columns have one name.",
          "Most readers keep one of the two, and not always the same.", "Keep one of the columns."),
    _form("E_MISSING_COLUMN", "header", "A required column is not there.",
          "A protected characteristic that nobody collected looks like one that everybody left blank.", "Add the column; leave it blank, or write `not_collected`, where the source has nothing."),
    _form("E_UNEXPECTED_COLUMN", "header", "A column is not in the layout. Its name is shown, its values never; a first line without any column of the layout may be a row, and is not shown.",
          "Names, addresses, dates of birth and pupil numbers must not enter; a look-alike letter hides a column.", "Remove the column, or type its name anew."),
    # rows
    _form("E_FIELD_COUNT", "row", "A row has more or fewer fields than the header.",
          "Its values stand in the wrong columns.", "Look for a missing or an extra comma."),
    _form("E_FIELD_LENGTH", "row", "A row holds a very long field.", "It is no code, and may be a narrative about a child.", "Look for a quote that was never closed, or remove the text."),
    _form("W_BLANK_ROWS", "row", "Rows without any value were passed over.", "A spreadsheet leaves them behind.", ""),
    _form("W_NO_ROWS", "row", "The file has a header and no rows.", "Alone it is not a zero: `collection` says whether nothing happened.", "Add a row to `collection`, with state nil, if nothing happened."),
    # one value
    FindingCode("E_BLANK", "cell", "A required value is blank.", "A row without it cannot be counted anywhere.", "Fill it."),
    FindingCode("E_TYPE", "cell", "A value is not a number of the declared kind, or a reference that a spreadsheet turned into one.",
                "A reference that was rewritten meets no other row.", "Keep references as text."),
    FindingCode("E_PATTERN", "cell", "A value does not have the declared form.",
                "Lost zeros, invisible signs and letters of other alphabets make two pupils of one, or one of two.", "Look at how the value was typed or exported."),
    FindingCode("E_CODELIST", "cell", "A value is not a code of the declared list.",
                "No value is mapped by guess: an officer's observation is not a pupil's own word, and *not applicable* is not *not recorded*.",
                "Use a code of the list (`dueregard terms LIST`), or declare what the value means in a mapping."),
    FindingCode("E_RANGE", "cell", "A number is out of its range.", "A reserve code that reaches a sum becomes a false figure.", "Look at the number; a reserve code is a state."),
    FindingCode("E_DATE_FORMAT", "cell", "A value is not a day in the declared form.", "A day that can be read in two ways is read wrongly half of the time.", "Write year-month-day, or declare the format in a mapping."),
    FindingCode("E_DATE_RANGE", "cell", "A day lies in the future, before the source begins, or before the day that it must follow.", "It would count in the wrong year.", "Look at the day."),
    FindingCode("W_DATE_ORDER", "cell", "A time lies before another that it should follow.", "One of the two is wrong; the delay of recording is counted from them.", "Look at both times."),
    FindingCode("W_AGE_YEAR_GROUP", "cell", "An age does not fit the year group.", "One of the two is wrong, or the pupil is taught out of year.", "Look at both."),
    # keys
    FindingCode("E_DUPLICATE_KEY", "key", "The same row stands there again.", "Counted twice, one contact becomes two.", "Send each row once."),
    FindingCode("E_CONFLICT", "key", "Two rows (or two sources) say different things of one and the same. None of them is taken.",
                "To take the last one would be to guess.", "Decide which is right."),
    FindingCode("E_UNKNOWN_URN", "key", "A school does not exist in `school`, or was refused there.", "Its pupils are on no roll.", "Add the school, or correct the URN."),
    FindingCode("E_UNKNOWN_KEY", "key", "A row refers to one that does not exist, or was refused.", "It cannot be joined to whom it is about.", "Look for the row, and at the findings of its table."),
    FindingCode("E_MISSING_TABLE", "tables", "A table refers to another that could not be read.", "None of its rows could be joined.", "Add the table."),
    # across rows and tables: they tell
    FindingCode("W_SCHOOL_NOT_OPEN", "tables", "A row lies before its school opened or after it closed.",
                "After a change of identity a contact may stand under the old URN and the pupils under the new one.", "Look at the day and at the URN."),
    FindingCode("W_NO_POSTING", "tables", "An officer has a contact at a school without a posting there on that day.",
                "The day then counts as one without an officer.", "Add the posting, or look at the officer."),
    FindingCode("W_UNKNOWN_LINK", "tables", "Help, a complaint or a consultation names a contact or posting that is not there.",
                "It is counted, and cannot be joined to what it followed from.", "Add the row, or correct the reference."),
    FindingCode("W_FTE_SUM", "tables", "An officer's postings at one time sum to more than one full-time equivalent.", "A posting may never have been ended.", "End it."),
    FindingCode("W_POSTING_OVERLAP", "tables", "An officer is posted twice to one school at one time.", "A renewal may have been added without ending the first.", "End the earlier posting."),
    FindingCode("W_DUAL_ROLL", "tables", "A pupil stands on the rolls of two schools at one census; all but the main one are taken as subsidiary.",
                "Each pupil is counted once: at the main school, else at the one with the lowest URN.", "Send the enrolment status: M at the main school, S at the other."),
    FindingCode("W_RATE_GT_ROLL", "tables", "A school has more pupils in contacts in a year than on roll.", "The roll is too small, or one pupil has several references.", "Look at both."),
    FindingCode("W_NO_RETURN", "tables", "A school has no contact and has not said that there was none.", "That is not a zero: the school stays out of rates.", "Add a row to `collection`."),
    FindingCode("W_NIL_WITH_ROWS", "tables", "A school says that nothing happened, and there are contacts in that time.", "One of the two is wrong.", "Correct the return, or the contacts."),
    FindingCode("W_STAGE_ORDER", "tables", "A later stage comes before, or is larger than, an earlier one.", "One of the days is wrong; rounded counts can do it without any fault.", "Look at both."),
    # workbooks
    _form("E_ARCHIVE_RATIO", "workbook", "The archive holds much more than it weighs, other archives, or parts that overlap.",
          "A megabyte that becomes a gigabyte stops the machine.", "Save the sheet as CSV UTF-8."),
    _form("E_ARCHIVE_PATH", "workbook", "A part of the archive has a name that leads out of it, or two names.", "It could overwrite other files, or show one thing and hold another.", "Save the workbook anew, or as CSV UTF-8."),
    _form("E_XML_DTD", "workbook", "A part declares entities.", "They can grow without end, or fetch other files.", "Save the workbook anew."),
    _form("E_HIDDEN_SHEET", "workbook", "Something is hidden in the workbook: a sheet, rows, columns, a cache or tracked changes.",
          "A hidden sheet once published the names of thousands of officers.", "Delete what is hidden, or save the one sheet as CSV UTF-8."),
    _form("E_FORMULA", "workbook", "A cell holds a formula. It is never computed, and its old value is not taken.", "What it shows depends on the machine that opens it.", "Copy the column and paste it as values."),
    _form("E_MACRO", "workbook", "The workbook holds macros, controls or embedded objects.", "They are programs.", "Save it without them, or as CSV UTF-8."),
    _form("E_EXTERNAL_LINK", "workbook", "The workbook fetches data from elsewhere.", "What it shows is not in it.", "Break the links, or save it as CSV UTF-8."),
    _form("E_ENCRYPTED", "workbook", "The workbook is locked with a password.", "It cannot be judged.", "Send it without a password, by a safe way."),
    _form("E_SEVERAL_SHEETS", "workbook", "More than one sheet holds something.", "Which is the table cannot be told.", "Keep one sheet."),
    _form("E_MERGED", "workbook", "Cells of a row are merged with others.", "Only the first of them would hold the value.", "Undo the merging."),
    _form("E_TOO_LARGE", "workbook", "Reading the workbook would take more memory or time than one may take.", "A text file may be of any size.", "Save the sheet as CSV UTF-8."),
    _form("E_WORKBOOK", "workbook", "The workbook is not built as workbooks are.", "What cannot be read for certain is not read.", "Open it in a spreadsheet program and save it anew."),
    # what a profile tells of its source
    FindingCode("E_NO_SCHOOLS", "profile", "The file holds national totals and no school.", "Totals have no roll of a school.", "Send the table at school level."),
    FindingCode("E_NO_TOTALS", "profile", "No row is of all types of school together.", "Sums over types that a source rounds are not its totals.", "Send the national table by characteristics."),
    FindingCode("W_TOTALS", "profile", "Rows are national totals and were left out.", "With them every pupil would count twice.", ""),
    FindingCode("W_TOTALS_DIFFER", "profile", "The schools of a type do not add up to its total.", "The file may be an extract.", "Look whether schools are missing."),
    FindingCode("W_NOT_TAKEN", "profile", "Rows of the source were not taken: sums of others, or characteristics without a column.", "They would count twice, or say what no table can hold.", ""),
    FindingCode("W_SUPPRESSED", "profile", "The source suppressed counts.", "A suppressed count is not zero; what it was taken as is said with every figure.", ""),
    FindingCode("W_PERIOD", "profile", "No name says the year of the file; it was taken from the profile.", "A wrong year is a wrong denominator.", "Put the file into a folder named such as 2018-2019."),
    FindingCode("W_NO_AGE", "profile", "Stops say no age, or an age outside the figures.", "Children among them are in no figure.", ""),
    FindingCode("W_NO_PLACE", "profile", "Stops have no place, or one outside the areas.", "They are in the crude figure and in no area.", ""),
    FindingCode("W_OTHER_MONTH", "profile", "Stops are dated outside the month of their file.", "They count in the month of their date.", ""),
)  # fmt: skip

OF_FORM = frozenset(code.code for code in CODES if code.of_form and code.code.startswith("W_"))
