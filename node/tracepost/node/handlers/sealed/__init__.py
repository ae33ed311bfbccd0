"""What lies sealed, and how it is opened, sealed and shown: every way through it passes the gate."""
