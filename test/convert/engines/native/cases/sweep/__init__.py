"""Random single nodes by family: operators, versions, attributes, shapes and dtypes."""
