"""Networks that tk builds in, written in PyTorch from their papers."""
