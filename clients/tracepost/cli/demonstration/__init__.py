"""A network of fictional states on this machine, and the story that `tracepost demo` plays on it.

    plan, ports      who takes part; where they listen
    founding         their papers: authorities, keys, certificates, stewards, trust list
    processes        a daemon as a process of its own
    network          all of it together, for the demonstration, for tests and for the bench

    stage            what a spectator sees; a tick stands for a check that was made
    party, play      a state in the story; what all scenes share
    material         the request, its photographs, today's dates
    messages         what the offices say to one another
    scenes           the story, scene by scene

Nothing here is used by a node in service.
"""
