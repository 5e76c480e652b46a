"""ONNX files as they are found, fed seeded numbers. Usage: files.py FOLDER SOURCE [light].

With `light`, SOURCE is the folder of the onnx wheel's light models, which come with one output each.
A file that onnxruntime does not load is left out.
"""

import shutil
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from cases import session_of, write_set
from onnx import numpy_helper

KINDS = {
    "float": np.float32,
    "double": np.float64,
    "string": np.object_,
    **{np.dtype(kind).name: kind for kind in (np.float16, np.int8, np.int32, np.int64, np.uint8, np.uint64)},
    "bool": np.bool_,
}


def fed(value: onnxruntime.NodeArg, seed: int, size: int) -> np.ndarray:
    """Numbers for an input; sizes that are open are `size`, and 24 and more for pictures."""
    kind = KINDS[value.type.removeprefix("tensor(").removesuffix(")")]
    pictures = len(value.shape) == 4
    shape = [
        each if isinstance(each, int) else (24 + 8 * size if pictures and at > 0 else size)
        for at, each in enumerate(value.shape)
    ]
    random = np.random.default_rng(seed)
    if kind is np.object_:
        return random.integers(0, 9, shape).astype(str).astype(object)
    if np.issubdtype(kind, np.floating):
        return random.standard_normal(shape).astype(kind)
    return random.integers(0, 2 if kind is np.bool_ else 4, shape).astype(kind)


def light(folder: Path, source: Path) -> None:
    """The light models, their input as the wheel's own runner makes it."""
    for path in sorted(source.glob("*.onnx")):
        expected = source / f"{path.stem}_output_0.pb"
        model = onnx.load(path)
        weights = {each.name for each in model.graph.initializer}
        (image,) = (each for each in model.graph.input if each.name not in weights)
        shape = [dim.dim_value for dim in image.type.tensor_type.shape.dim]
        count = int(np.prod(shape))
        output = numpy_helper.to_array(onnx.TensorProto.FromString(expected.read_bytes()))
        case = folder / path.stem
        write_set(
            case / "test_data_set_0", [(np.arange(count).reshape(shape) / count).astype(np.float32)], [output]
        )
        shutil.copy(path, case / "model.onnx")


def found(folder: Path, source: Path) -> None:
    """Every file that loads, at two sizes where sizes are open."""
    for path in sorted(source.rglob("*.onnx")):
        case = folder / str(path.relative_to(source).with_suffix("")).replace("/", "__")
        try:
            session = session_of(path)
        except Exception as error:
            print(f"{case.name}: {str(error)[:200]}", file=sys.stderr)
            continue
        inputs = session.get_inputs()
        for size in (2, 3):
            feeds = {each.name: fed(each, at, size) for at, each in enumerate(inputs)}
            try:
                outputs = session.run(None, feeds)
            except Exception as error:
                print(f"{case.name} at {size}: {str(error)[:200]}", file=sys.stderr)
                continue
            write_set(case / f"test_data_set_{size}", feeds.values(), outputs)
        if case.exists():
            for other in path.parent.glob("*"):
                if other.is_file() and (other.suffix != ".onnx" or other == path):
                    shutil.copy(other, case / ("model.onnx" if other == path else other.name))


if __name__ == "__main__":
    (light if "light" in sys.argv[3:] else found)(Path(sys.argv[1]), Path(sys.argv[2]))
