"""The commands, a file per group of verbs."""
