"""The relay: keeps mail for members who are not there, and cannot read it.

    settings       what the operator writes down
    installation   a new relay's folder: keys, certificate, trust list
    reception      what is checked of an envelope and of a receipt, in numbered steps
    mailboxes      what is kept until it is delivered or expires
    noticeboard    the newest papers of every member, kept unread and passed on
    trust          who is a member now, and which certificates are revoked
    heads          whether a member's log only grows
    streams        who is connected, and what is to be told to whom
    incoming       one frame: checked, then settled in one transaction
    session        one stream of one member, both ways
    service        the gRPC service Post
    housekeeping   what is done when nobody asks
    recovery       a new log after the store was put back or lost
    bootstrap      puts these together; the only room that names concrete adapters

It holds headers, sizes, times and sealed bytes, nothing else: an import contract keeps
statement, sealing, schema and every message but the envelope out of this package.
"""
