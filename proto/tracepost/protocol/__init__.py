"""The treaty: the rules for making and checking what travels.

Pure: no input or output, no clock, no logging. Time and randomness come in as
arguments; bytes go in, an object or an error of `tracepost.protocol.errors`
comes out.
"""
