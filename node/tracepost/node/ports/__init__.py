"""What the node asks of its store: one small port per aggregate, reached through a unit of work.

    def keep(tx: Tx) -> None:
        tx.inbox.accept(mails)
        tx.audit.append(events)

    await store.write(keep)
    page = await store.read(lambda tx: tx.cases.list(CaseFilter(), 50, ""))

What one `write` does is done together or not at all, and is on the disk when `write`
returns. A job is a plain function: it is run in another thread, does no waiting of its
own, and hands on nothing but its result. Operations take lists: one call costs a few
statements whatever the length of the list, so a frame of 256 envelopes is a handful of
calls. All finders leave out what is not there. Mail and wraps are kept in the same unit
of work as their statement, or after it.

All operations raise StoreError when the store fails; others are named where they occur.
"""
