"""The Python worker of tk: loads torch models safely, exports them to ONNX, and runs what only Python can
run."""

__version__ = "0.1.0"
