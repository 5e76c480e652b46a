"""Puts a SavedModel's signature into the model's own order on the wire; TensorFlow writes the keys sorted."""

from pathlib import Path
from typing import Any

# Field numbers of saved_model.proto and meta_graph.proto.
_META_GRAPHS = 2
_SIGNATURE_DEF = 5
_INPUTS = 1
_OUTPUTS = 2


def order_signature(target: Path, key: str, inputs: list[str], outputs: list[str]) -> None:
    """Rewrites `saved_model.pb` so that a reader that keeps its order sees `key` in the given one."""
    from tensorflow.core.protobuf import saved_model_pb2

    path = target / "saved_model.pb"
    saved = saved_model_pb2.SavedModel.FromString(path.read_bytes())
    (graph,) = saved.meta_graphs
    signature = graph.signature_def[key]
    ordered = b"".join(
        [_entry(_INPUTS, name, signature.inputs[name]) for name in inputs]
        + [_entry(_OUTPUTS, name, signature.outputs[name]) for name in outputs]
    )
    signature.inputs.clear()
    signature.outputs.clear()
    rest = signature.SerializeToString()
    del graph.signature_def[key]
    # Messages written one after the other merge, so a map entry may follow the message that it belongs to.
    body = graph.SerializeToString() + _field(_SIGNATURE_DEF, _key(key) + _field(2, ordered + rest))
    del saved.meta_graphs[:]
    path.write_bytes(saved.SerializeToString() + _field(_META_GRAPHS, body))
    # It is a hash of the bytes as they were; TensorFlow does without it.
    (target / "fingerprint.pb").unlink(missing_ok=True)


def _entry(field: int, name: str, info: Any) -> bytes:
    """One entry of a map<string, TensorInfo>."""
    return _field(field, _key(name) + _field(2, info.SerializeToString()))


def _key(name: str) -> bytes:
    return _field(1, name.encode())


def _field(number: int, payload: bytes) -> bytes:
    """A length-delimited field."""
    return _varint(number << 3 | 2) + _varint(len(payload)) + payload


def _varint(value: int) -> bytes:
    groups = bytearray()
    while value > 0x7F:
        groups.append(value & 0x7F | 0x80)
        value >>= 7
    groups.append(value)
    return bytes(groups)
