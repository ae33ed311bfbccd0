"""The post: how mail leaves this node and how it comes in."""
