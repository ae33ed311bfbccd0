"""Puts a node together: the only room that names concrete adapters; tests use it too.

Starting, in this order; any doubt is fatal:

    1  settings, the machine's secret, the daemon's own keys; desks of people stay locked
    2  the key escrow was tried, or the node does not go live
    3  the store and its log; a damaged log stops here, and one that relay or peers know to be longer
    4  trust: the newest list that was ever accepted, else the first one by its fingerprint
    5  papers of members as the store has them, our own certificates and revocation list
    6  our directory entry, signed anew if the settings changed or it is about to lapse
    7  the policies: the base set and our own as they were put in force last
    8  the servers, each proving that it refuses TLS 1.2; then the courier dials

What stands on what:

    ground         keys, papers, store and clock of one member
    switchboard    the wire: whom it dials
    mail rooms     on both: lines and pouches, what takes mail, for peers and relays
    proof rooms    on both: heads of the log and their witnesses
    desk rooms     on the ground and the roads of the mail: all that officers do
    rooms          all of these, and what goes on between them
"""
