"""A network of fictional states on this machine, and the story that `tracepost demo` tells with it.

    plan          who takes part: fictional members, their offices and desks
    founding      their papers: authorities, keys, certificates, stewards, trust list
    processes     a daemon as a process of its own
    network       all of it together, for the demonstration, for tests and for the bench

Nothing here is used by a node in service.
"""
