"""What a node remembers: the values that go into its store and come out of it.

Times are unix seconds. No value above the class ADMINISTRATIVE is ever in clear here:
bodies are sealed, wraps are sealed, `admin_json` and `summary` hold PUBLIC and
ADMINISTRATIVE fields only. Blobs are kept out of every repr.
"""
