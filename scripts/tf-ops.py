"""Writes the table of TensorFlow ops that the native engine may emit.

Facts only, read from the installed TensorFlow: each op's inputs, outputs, attributes with their defaults,
and the dtypes that its CPU kernels are registered for. Run: python scripts/tf-ops.py
"""

import json
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import tensorflow as tf
from tensorflow.core.framework import types_pb2
from tensorflow.python.framework import kernels, op_def_registry

OPS = """
Abs Acos Acosh Add AddN AddV2 All Any ArgMax ArgMin Asin Asinh Assert AssignVariableOp Atan Atan2 Atanh
AvgPool AvgPool3D BatchMatMulV2 BatchMatMulV3 BatchToSpaceND BiasAdd Bitcast BitwiseAnd BitwiseOr
BitwiseXor BroadcastArgs BroadcastTo Cast Ceil ClipByValue ConcatV2 Const Conv2D Conv2DBackpropInput
Conv3D Conv3DBackpropInputV2 Cos Cosh Cross Cumprod Cumsum DepthToSpace DepthwiseConv2dNative Diag
Dilation2D Div DivNoNan Einsum Elu Equal Erf Erfc Exp ExpandDims Expm1 Eye Fill Floor FloorDiv FloorMod
FusedBatchNormV3 Gather GatherNd GatherV2 Greater GreaterEqual Identity IdentityN If InvertPermutation
IsFinite IsInf IsNan LRN LeakyRelu LeftShift Less LessEqual Lgamma LinSpace Log Log1p LogSoftmax
LogicalAnd LogicalNot LogicalOr MatMul MatrixBandPart MatrixDeterminant MatrixInverse Max MaxPool
MaxPool3D Maximum Mean MergeV2Checkpoints Min Minimum MirrorPad Mod Mul Neg NoOp NonMaxSuppressionV4
NonMaxSuppressionV5 NonZero NotEqual OneHot Pack Pad PadV2 Placeholder PlaceholderWithDefault Pow
PreventGradient Prod Range Rank ReadVariableOp RealDiv Reciprocal Relu Relu6 Reshape ResizeBicubic
ResizeBilinear ResizeNearestNeighbor RestoreV2 Reverse ReverseSequence ReverseV2 RightShift Rint Round
Rsqrt SaveV2 ScatterNd Select SelectV2 Selu Shape ShapeN Sigmoid Sign Sin Sinh Size Slice Softmax
Softplus Softsign SpaceToBatchND SpaceToDepth Split SplitV Sqrt Square SquaredDifference Squeeze
StatelessIf StatelessWhile StopGradient StridedSlice Sub Sum Tan Tanh TensorScatterUpdate
TensorScatterAdd TensorScatterMax TensorScatterMin TensorScatterSub Tile TopKV2 Transpose TruncateDiv
TruncateMod Unique UniqueV2 Unpack VarHandleOp Where While Xdivy Xlogy ZerosLike OnesLike
UniqueWithCountsV2 StringJoin StringSplitV2 RegexFullMatch RegexReplace
StringLower StringUpper StringStrip SparseToDense
StatelessRandomUniformV2 RandomUniform RandomStandardNormal Multinomial Roll
UnsortedSegmentSum MaxPoolWithArgmax AsString
StringToNumber SearchSorted LowerBound UnsortedSegmentMax UnsortedSegmentMin UnsortedSegmentProd Bincount
DenseBincount EmptyTensorList TensorListConcatV2 TensorListFromTensor TensorListGetItem TensorListLength
TensorListPushBack TensorListStack EnsureShape
""".split()  # noqa: SIM905 - a list of one name a line would be 250 lines


def dtype_name(number: int) -> str:
    """TensorFlow's own name of a dtype: float32 rather than DT_FLOAT."""
    return tf.dtypes.as_dtype(number).name


def attr_default(attr: object) -> object:
    """An attribute's default as JSON, or None where it has none."""
    value = attr.default_value  # type: ignore[attr-defined]
    kind = value.WhichOneof("value")
    if kind is None:
        return None
    if kind == "s":
        return value.s.decode()
    if kind == "type":
        return dtype_name(value.type)
    if kind == "list":
        for field in ("i", "f", "b"):
            if len(getattr(value.list, field)):
                return list(getattr(value.list, field))
        return []
    if kind == "shape":
        return None
    return getattr(value, kind)


def arg(definition: object) -> dict[str, str]:
    """One input or output: its name and what decides its dtype and count."""
    fields = {"name": definition.name}  # type: ignore[attr-defined]
    for ours, theirs in (
        ("typeAttr", "type_attr"),
        ("numberAttr", "number_attr"),
        ("typeListAttr", "type_list_attr"),
    ):
        if getattr(definition, theirs):
            fields[ours] = getattr(definition, theirs)
    if definition.type != types_pb2.DT_INVALID:  # type: ignore[attr-defined]
        fields["type"] = dtype_name(definition.type)  # type: ignore[attr-defined]
    return fields


def cpu_types(name: str) -> dict[str, list[str]]:
    """For each type attribute, the dtypes that some CPU kernel takes; absent where the kernel takes all."""
    types = {a.name for a in op_def_registry.get(name).attr if a.type == "type"}
    allowed: dict[str, set[str] | None] = {}
    for kernel in kernels.get_registered_kernels_for_op(name).kernel:
        if kernel.device_type != "CPU" or kernel.label:
            continue
        seen = {
            c.name: {dtype_name(t) for t in c.allowed_values.list.type}
            for c in kernel.constraint
            if c.name in types
        }
        for attr in set(seen) | set(allowed):
            if attr not in seen or allowed.get(attr, set()) is None:
                allowed[attr] = None
            else:
                allowed[attr] = (allowed.get(attr) or set()) | seen[attr]
    return {k: sorted(t for t in v if "qint" not in t) for k, v in sorted(allowed.items()) if v is not None}


def describe(name: str) -> dict[str, object] | None:
    """Everything that the engine needs to know of one op."""
    definition = op_def_registry.get(name)
    if definition is None:
        return None
    attrs = {
        a.name: {"type": a.type, **({"default": d} if (d := attr_default(a)) is not None else {})}
        for a in definition.attr
        if not a.name.startswith("_")
    }
    return {
        "inputs": [arg(a) for a in definition.input_arg],
        "outputs": [arg(a) for a in definition.output_arg],
        "attrs": attrs,
        "cpu": cpu_types(name),
    }


def main() -> None:
    """Writes the table beside the engine."""
    table = {name: d for name in sorted(set(OPS)) if (d := describe(name)) is not None}
    target = Path(__file__).parent.parent / "src/convert/engines/native/tf/generated/ops.ts"
    target.write_text(
        f"// Made by scripts/tf-ops.py from TensorFlow {tf.__version__}; do not edit.\n"
        "import type { TfOpDef } from '../op-def.ts';\n\n"
        f"export const TF_VERSION = '{tf.__version__}';\n\n"
        "export const TF_OPS: Readonly<Record<string, TfOpDef>> = {\n"
        + "".join(f"  {name}: {json.dumps(d)},\n" for name, d in table.items())
        + "};\n"
    )


if __name__ == "__main__":
    main()
