"""The rooms of the console: each module says its pages as `ROOM`; its templates stand beside it."""
