"""What needs the word of two officers: mail that waits, and break-glass."""
