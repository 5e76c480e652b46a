"""Cases of what exporters write, by what they are about."""
