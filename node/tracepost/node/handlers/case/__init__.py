"""How a case stands, and how who calls stands to it: known before any field is opened."""
