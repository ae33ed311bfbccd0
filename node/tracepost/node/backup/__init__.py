"""Backups of a running node, and bringing one back on a new machine (docs/adr/0022).

    sources → snapshot → writing → shelf          `tracepost backup`, each hour
    shelf   → reading → checking → restoring      `tracepost restore`, and `tracepost drill` in a scratch place

Nothing here speaks to the node that serves: the store is copied beside it, and what is restored is caught up by
`tracepost log recover`.
"""
