"""What an officer reads, finds, counts, exports and takes out."""
