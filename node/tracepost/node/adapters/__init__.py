"""What fills the node's ports: the store, the key stores, the ways to peers."""
