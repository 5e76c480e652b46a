"""Sessions: a model that stays loaded in one Python runtime and answers runs given as .npz files."""
