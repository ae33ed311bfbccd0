"""What an officer writes, before it is a statement: forms made from the wire schema. Knows no HTTP.

    questions   one field of a message as a question: its shape, its rule, its class, from the descriptors
    answers     what was typed, kept as it was typed, and the draft that it makes, with every fault by field
    steps       what a guide through a message is made of
    guides      the pages of each kind of message, in the order in which an officer thinks
    beginning   what a case says already of a message that is begun in it
    reading     what a page's form brought
    finishing   what follows from what was typed, and what is still wrong
    sheet       questions, answers and faults in words
    photographs the copy that travels, named by its digest
    advice      what to look at once more before it is sent; nothing that was typed is ever changed by it
    drafts      half-written messages, encrypted at rest, bound to their officer
    preview     what each recipient will see, as the node says that it would seal it

The names of fields on a page are their paths in `desk_pb2.Draft`, so that a fault which the schema, the SDK
or the node finds stands at the field that it is about.
"""
