"""Programs that do with other software what a delivery does, each in a process and an environment of its own.

    python as2.py FOLDER SECONDS          # prints {"rps": …}

FOLDER holds `payloads.json`, keys and certificates; nothing here imports Tracepost.
"""
