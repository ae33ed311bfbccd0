"""The command line: words to a draft, an answer to a table. No rule lives here.

A command is a function that returns a `Result`; `verb` turns it into a command
with `--json`, prints the result and turns every error of
`tracepost.protocol.errors` into words and an exit code.
"""
