"""The node: the daemon of one member's point of contact."""
