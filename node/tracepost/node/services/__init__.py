"""The two gRPC services of a node: parse, call a handler, render. One file each."""
