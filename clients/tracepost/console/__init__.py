"""The officers' web console: pages over the SDK, whole without JavaScript.

A daemon of a member, run beside its node by the same operator (`tracepost console serve`). It has no
right of its own at the node: what an officer who signed in asks for, it asks for him (ADR 0028).

    settings.py     console.toml
    tls.py          the listener: TLS 1.3, an officer's certificate if the browser shows one
    app.py          all rooms under one guard: sessions, forms' tokens, limits, headers, errors
    rooms.py        what a module of `pages/` says of itself: its pages, and its entry in the menu
    visit.py        what a page is given: the officer's client, words, form, and how to answer
    pages/          one module per room, its templates beside it
    templates/      the frame of every page
    assets/         made by `make assets` from clients/assets; nothing comes from elsewhere

A new page: a module in `pages/` with `ROOM = Room(...)`; nothing else names it.
"""
