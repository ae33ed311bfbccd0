"""Real input: what offices have at hand, made into drafts.

    documents     a message or a draft as JSON, with photographs beside it
    items         many weapons as a table (ATF F 3312.1 part V and ITI 17)
    checking      whether a request can be sent, as far as that is known without a node

Bad rows are told one by one, with row, column and reason; the good ones go.
"""
