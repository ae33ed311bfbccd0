"""The store in SQL: SQLite embedded, PostgreSQL in production.

tables      what is kept, and by which keys it is found
migrations  how a database gets there
store       the unit of work; opens and migrates the database
statements  outgoing  incoming  sealed  cases  papers  office     the ports, aggregate by aggregate
"""
