"""What officers do. Ten rooms, each standing on those above it:

case       How a case stands, and how who calls stands to it: known before any field is opened.
rules      One verb a file: what each kind of statement must satisfy; the table says which rule judges which kind.
sealed     What lies sealed, and how it is opened, sealed and shown: every way through it passes the gate.
drafting   What the node writes into a draft by itself, and the paper that leaves the desk.
sending    From a draft to signed, sealed, queued mail, in one transaction.
desks      Who works here: officers, deputies, desks on a case, unlocked keys, and the member's own policies.
register   Finding by a mark: the blind index, extracts of the State's own records, automatic checks.
reading    What an officer reads, finds, counts, exports and takes out.
keeping    What is kept, and for how long: papers at rest, archives, deletion.
deciding   What needs the word of two officers: mail that waits, and break-glass.
"""
