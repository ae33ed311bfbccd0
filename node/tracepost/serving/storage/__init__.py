"""How a daemon keeps what it must not lose: one writer, readers beside it, an evidence log.

    engine          connections that answer only for what is on the disk
    rows            many rows in one statement
    writer          group commit: many jobs, one transaction, one fsync
    evidence_store  the Merkle log, in the same transaction as what it proves
    inspection      reads the log again, a little each hour
    blobs           large ciphertexts, as files

SQL is written with SQLAlchemy Core and holds for SQLite and PostgreSQL alike.
"""
