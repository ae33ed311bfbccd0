"""What a person is shown: tables and sheets, in the person's language. Nothing is decided here."""
