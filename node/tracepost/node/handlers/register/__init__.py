"""Finding by a mark: the blind index, extracts of the State's own records, automatic checks."""
