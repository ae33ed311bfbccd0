"""What the node writes into a draft by itself, and the paper that leaves the desk."""
