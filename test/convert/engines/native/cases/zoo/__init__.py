"""Small networks in the manner of well-known ones, by family."""
