"""Networks as they come out of onnxruntime's quantiser and optimisers. Usage: derived.py FOLDER."""

import logging
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import onnxruntime
from cases import Feeds, add_data, session_of
from exports import export
from networks import NETWORKS
from onnxruntime.quantization import (
    CalibrationDataReader,
    QuantFormat,
    QuantType,
    quantize_dynamic,
    quantize_static,
)
from onnxruntime.transformers import optimizer

logging.disable(logging.WARNING)


class Reader(CalibrationDataReader):
    """The network's own feeds."""

    def __init__(self, feeds: list[Feeds]) -> None:
        self.feeds: Iterator[Feeds] = iter(feeds)

    def get_next(self) -> Feeds | None:
        """The next feed."""
        return next(self.feeds, None)


def static(form: QuantFormat, **options: object) -> Callable[[Path, Path, list[Feeds]], None]:
    """Calibrated quantisation."""

    def quantise(source: Path, target: Path, feeds: list[Feeds]) -> None:
        quantize_static(str(source), str(target), Reader(feeds), quant_format=form, **options)

    return quantise


def dynamic(source: Path, target: Path, feeds: list[Feeds]) -> None:
    """Weights quantised, to 7 bits (sums may saturate without VNNI); activations at run time."""
    quantize_dynamic(str(source), str(target), weight_type=QuantType.QInt8, reduce_range=True)


def fused(kind: str) -> Callable[[Path, Path, list[Feeds]], None]:
    """onnxruntime's fusions for transformers."""

    def fuse(source: Path, target: Path, feeds: list[Feeds]) -> None:
        result = optimizer.optimize_model(
            str(source), model_type=kind, num_heads=2, hidden_size=16, opt_level=0
        )
        result.save_model_to_file(str(target))

    return fuse


def extended(source: Path, target: Path, feeds: list[Feeds]) -> None:
    """What a session saves of its optimised graph."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.optimized_model_filepath = str(target)
    options.log_severity_level = 4
    onnxruntime.InferenceSession(str(source), options, providers=["CPUExecutionProvider"])


SEVEN_BITS = {"weight_type": QuantType.QInt8, "reduce_range": True}
DERIVED = {
    "resnet-qdq": ("resnet", static(QuantFormat.QDQ, **SEVEN_BITS)),
    "resnet-qdq-per-channel": ("resnet", static(QuantFormat.QDQ, per_channel=True, **SEVEN_BITS)),
    "unet-qdq-int8": ("unet", static(QuantFormat.QDQ, activation_type=QuantType.QInt8, **SEVEN_BITS)),
    "bert-qoperator": ("bert", static(QuantFormat.QOperator, activation_type=QuantType.QInt8, **SEVEN_BITS)),
    "bert-dynamic": ("bert", dynamic),
    "recurrent-extended": ("recurrent", extended),
    "mobilenet-extended": ("mobilenet", extended),
    "bert-fused": ("bert", fused("bert")),
    "gpt2-fused": ("gpt2", fused("gpt2")),
    "vit-fused": ("vit", fused("vit")),
    "bert-extended": ("bert", extended),
}


# The last bit of a sum may round to the next step of a quantised tensor; the output's steps are 1 / 256.
STEP = {"unet-qdq-int8": 1 / 256}


def main(folder: Path, wanted: list[str]) -> None:
    """Writes every case."""
    with tempfile.TemporaryDirectory() as scratch:
        for name, (network, derive) in DERIVED.items():
            if wanted and name not in wanted:
                continue
            source = Path(scratch) / f"{network}.onnx"
            if not source.exists():
                export(NETWORKS[network], source, "torchscript")
            case = folder / name
            case.mkdir(parents=True)
            derive(source, case / "model.onnx", NETWORKS[network].feeds)
            if name in STEP:
                (case / "atol").write_text(str(STEP[name]))
            add_data(case, session_of(case / "model.onnx"), NETWORKS[network].feeds)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
