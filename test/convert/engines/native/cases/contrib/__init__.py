"""Cases of onnxruntime's own operators, by family."""
