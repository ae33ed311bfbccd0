"""Releases as signed files that are carried to machines without a network, installed there and taken back.

manifest    what a release consists of, and its signature
bundle      the file: made the same from the same, opened in numbered steps
building    wheels and digests out of a checkout and its lock
versions    the folder that releases are installed into: one beside the other, one of them current
environment a release as a virtual environment, without any network
"""
