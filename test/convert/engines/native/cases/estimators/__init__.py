"""Cases of ai.onnx.ml, by family."""
