"""The second story, `tracepost demo --story channels`: who sees what when offices of all sorts take part.

    play       the network of the story, and its two cases
    messages   what the offices say to one another
    parcel     customs seize a parcel; another State recognises what was in it
    inside     the requested State asks its own army and a dealer on paper, and answers
    panel      a panel of experts gets a redacted copy, with consent
    eyes       one case as five readers see it

A tick stands for a check that was made by the eyes that are spoken of.
"""
