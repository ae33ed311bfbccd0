"""From a draft to signed, sealed, queued mail, in one transaction."""
