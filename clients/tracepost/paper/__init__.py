"""Paper: what a case says, as pages that a court accepts and that somebody can check.

    words        a language: catalogue, dates and numbers, the direction of its script
    told         one statement as it may be shown: who, to whom, when, which fields, which restrictions
    sheet        a document without a form yet: sections of rows, each row one signed field
    pen, drawing from statements to sheets: request (ITI 17), answer, slip, letter, whole case
    pictures     photographs of others, made anew for a page or a browser
    forms        blank forms for the field, to be keyed in later
    codes        what stands in the QR code and in the groups below it; what a page proves
    setting      sheets to PDF
    reading      codes and text of a printout: PDF, scan or photograph
    checking     a printout against a case file

What is printed comes from a node that let it through, or from a case file that was verified; nothing here decides
who may see what. The PDF depends on nothing but that, the language and the fonts: there is no date of making in it.
ADR 0029 says what a printed page proves, and what it cannot.

"""
