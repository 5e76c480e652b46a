"""Makes SavedModels that have each thing that saved_model_cli prints. Usage: models.py DIRECTORY"""

import collections
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import tensorflow as tf
from google.protobuf import text_format
from tensorflow.core.protobuf import saved_model_pb2

Point = collections.namedtuple("Point", ["left", "right"])
FLOATS = tf.TensorSpec([None, 4], tf.float32)


def options(path: Path) -> None:
    """Many options of functions: numbers, texts with quotes, None, infinity, keyword-only arguments."""

    class Model(tf.Module):
        @tf.function
        def scale(self, x: Any, factor: Any = 1.0, *, mode: Any = None, deep: bool = False) -> Any:
            return x * 2.0

        @tf.function
        def __call__(self, x: Any, training: bool = False) -> Any:
            return tf.nn.dropout(x, 0.5) if training else x

    model = Model()
    factors = [
        1.0,
        1e-5,
        1e16,
        -0.0,
        123456789.5,
        float("inf"),
        3,
        -7,
        True,
        None,
        "it's",
        'a "b"',
        "né\n\t雪\u200b",
    ]
    for factor in factors:
        model.scale.get_concrete_function(FLOATS, factor)
    model.scale.get_concrete_function(FLOATS, 2.0, mode="fast")
    model.scale.get_concrete_function(FLOATS, 2.0, mode="slow", deep=True)
    for training in (True, False):
        model.__call__.get_concrete_function(FLOATS, training)
        model.__call__.get_concrete_function(tf.TensorSpec([8], tf.float64, name="eight"), training)
    tf.saved_model.save(model, str(path))


def structures(path: Path) -> None:
    """Nested lists, tuples, dictionaries and named tuples as arguments."""

    class Model(tf.Module):
        @tf.function
        def nested(self, x: Any) -> Any:
            return tf.add_n([tf.reduce_sum(leaf) for leaf in tf.nest.flatten(x) if tf.is_tensor(leaf)])

    model = Model()
    a, b = tf.TensorSpec([], tf.float32, name="a"), tf.TensorSpec([2, None], tf.float32)
    for argument in (
        [a, b],
        (a, [b, (a,)]),
        {"only": a},
        Point(a, b),
        [a, "text", 3, None, True],
        [{"k": [a]}],
    ):
        model.nested.get_concrete_function(argument)
    tf.saved_model.save(model, str(path))


def dictionaries(path: Path) -> None:
    """Dictionaries of several keys, whose order is that of protobuf's map."""

    class Model(tf.Module):
        @tf.function
        def features(self, x: Any) -> Any:
            return tf.add_n([tf.reduce_sum(value) for value in x.values()])

        @tf.function
        def keywords(self, **tensors: Any) -> Any:
            return tf.add_n([tf.reduce_sum(value) for value in tensors.values()])

    model = Model()
    a = tf.TensorSpec([], tf.float32)
    for count in (2, 3, 5, 9, 20):
        model.features.get_concrete_function({f"feature_{index}": a for index in range(count)})
    model.features.get_concrete_function(
        {
            "zebra": a,
            "apple": a,
            "": a,
            "né": a,
            "a much longer key, of fifty bytes or a few more": a,
        }
    )
    model.keywords.get_concrete_function(zebra=a, apple=a, mango=a)
    tf.saved_model.save(model, str(path))


def specs(path: Path) -> None:
    """Unknown rank, large dimensions, ragged, sparse, every dtype a signature can have."""

    class Model(tf.Module):
        @tf.function
        def ragged(self, x: Any) -> Any:
            return x.flat_values

        @tf.function
        def sparse(self, x: Any) -> Any:
            return x.values

        @tf.function
        def dense(self, x: Any) -> Any:
            return tf.identity(x)

        @tf.function
        def slices(self, x: Any) -> Any:
            return x.values

        @tf.function
        def dataset(self, x: Any) -> Any:
            return x.cardinality()

    model = Model()
    model.ragged.get_concrete_function(tf.RaggedTensorSpec([None, None], tf.int32))
    model.ragged.get_concrete_function(tf.RaggedTensorSpec([2, None, None], tf.string, ragged_rank=2))
    model.sparse.get_concrete_function(tf.SparseTensorSpec([None, 7], tf.float32))
    model.slices.get_concrete_function(tf.IndexedSlicesSpec([3, 4], tf.float32))
    model.dataset.get_concrete_function(tf.data.DatasetSpec(tf.TensorSpec([2], tf.int64)))
    types = [
        tf.half,
        tf.bfloat16,
        tf.uint8,
        tf.int64,
        tf.bool,
        tf.complex64,
        tf.string,
        tf.qint8,
        tf.uint32,
    ]
    for dtype in types:
        model.dense.get_concrete_function(tf.TensorSpec(None, dtype, name="any"))
    model.dense.get_concrete_function(tf.TensorSpec([2**53 + 1, 3], tf.int8))
    tf.saved_model.save(model, str(path))


def signatures(path: Path) -> None:
    """Several signatures, with defaults, unknown rank and a name that is not ASCII."""

    class Model(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec(None, tf.float32, name="any_rank")])
        def any_rank(self, any_rank: Any) -> Any:
            return {"sum": tf.reduce_sum(any_rank), "Größe": tf.size(any_rank)}

        @tf.function(
            input_signature=[
                tf.TensorSpec([None], tf.string),
                tf.TensorSpec([], tf.int64, name="k"),
            ]
        )
        def text(self, text: Any, k: Any) -> Any:
            return {"length": tf.strings.length(text), "k": k}

    model = Model()
    keys = {
        "serving_default": model.any_rank,
        "text": model.text,
        "\U0001f600": model.text,
        "\uff5e": model.text,
    }
    tf.saved_model.save(model, str(path), signatures=keys)


def control_flow(path: Path) -> None:
    """Loops, branches, ops with several outputs, custom gradients, a table: all count in names."""

    @tf.custom_gradient
    def clipped(x: Any) -> Any:
        return tf.identity(x), lambda upstream: tf.clip_by_value(upstream, -1.0, 1.0)

    class Model(tf.Module):
        def __init__(self) -> None:
            self.weights = tf.Variable(tf.ones([4]))
            keys = tf.constant(["a", "b"])
            initializer = tf.lookup.KeyValueTensorInitializer(keys, tf.constant([1.0, 2.0]))
            self.table = tf.lookup.StaticHashTable(initializer, 0.0)

        @tf.function
        def run(self, x: Any, steps: int) -> Any:
            first, second = tf.split(x * self.weights, 2, axis=1)
            parts = tf.unstack(x, axis=1, num=4)
            total = tf.while_loop(
                lambda i, _: i < steps,
                lambda i, t: (i + 1, t + 1.0),
                [0, tf.reduce_sum(first)],
            )[1]
            branch = tf.cond(
                total > 0,
                lambda: tf.reduce_sum(second),
                lambda: tf.reduce_max(parts[0]),
            )
            looked_up = self.table.lookup(tf.constant(["a"]))
            values, _ = tf.nn.top_k(x, 2)
            return clipped(branch + total) + looked_up + tf.reduce_sum(values)

    model = Model()
    for steps in range(1, 14):
        model.run.get_concrete_function(FLOATS, steps)
    tf.saved_model.save(
        model,
        str(path),
        options=tf.saved_model.SaveOptions(experimental_custom_gradients=True),
    )


def keras(path: Path) -> None:
    """A Keras 3 export."""
    layers = [
        tf.keras.layers.Input([28, 28, 1]),
        tf.keras.layers.Conv2D(2, 3),
        tf.keras.layers.BatchNormalization(),
    ]
    tf.keras.Sequential([*layers, tf.keras.layers.Flatten(), tf.keras.layers.Dense(3)]).export(
        str(path), verbose=False
    )


def tensorflow1(path: Path) -> None:
    """Two MetaGraphs of TensorFlow 1, one with a quote in a tag, sparse inputs, an empty method name."""
    v1 = tf.compat.v1
    builder = v1.saved_model.Builder(str(path))
    with v1.Session(graph=tf.Graph()) as session:
        x = v1.placeholder(tf.float32, [None, 3], name="x")
        sparse = v1.sparse_placeholder(tf.int64, name="ids")
        y = tf.add(x, v1.get_variable("w", initializer=1.0), name="y")
        session.run(v1.global_variables_initializer())
        info = v1.saved_model.build_tensor_info
        predict = v1.saved_model.build_signature_def(
            {"x": info(x), "ids": info(sparse)},
            {"y": info(y)},
            "tensorflow/serving/predict",
        )
        bare = v1.saved_model.build_signature_def({"x": info(x)}, {"y": info(y)}, "")
        builder.add_meta_graph_and_variables(session, ["serve", "it's"], {"z": bare, "predict": predict})
    with v1.Session(graph=tf.Graph()) as session:
        v1.placeholder(tf.string, name="unused")
        builder.add_meta_graph(["eval"], {})
    builder.save()


def bare(path: Path) -> None:
    """Concrete functions as attributes, without the function that they were traced from."""
    module = tf.Module()
    function = tf.function(lambda x, y: x + y)
    module.added = function.get_concrete_function(
        tf.TensorSpec([2], tf.float32, name="x"), tf.TensorSpec([2], tf.float32)
    )
    module.wrapped = tf.compat.v1.wrap_function(lambda x: x * 2.0, [tf.TensorSpec([3], tf.float32, name="x")])
    tf.saved_model.save(module, str(path))


def simple(path: Path) -> None:
    """A module without any function, and one that is not called."""
    module = tf.Module()
    module.unused = tf.function(lambda x: x)
    module.variable = tf.Variable(1.0)
    tf.saved_model.save(module, str(path))


def edited(source: Path, path: Path, edit: Callable[[Any], None], text: bool = False) -> None:
    """A copy of a model with its message edited, in binary or text format."""
    model = saved_model_pb2.SavedModel.FromString((source / "saved_model.pb").read_bytes())
    edit(model)
    path.mkdir()
    if text:
        (path / "saved_model.pbtxt").write_text(text_format.MessageToString(model), encoding="utf-8")
    else:
        (path / "saved_model.pb").write_bytes(model.SerializeToString())


def custom_op(model: Any) -> None:
    model.meta_graphs[0].graph_def.library.function[0].node_def[0].op = "NobodyHasRegisteredThis"


def lost_function(model: Any) -> None:
    del model.meta_graphs[0].graph_def.library.function[:]


def foreign_type(model: Any) -> None:
    for function in model.meta_graphs[0].object_graph_def.concrete_functions.values():
        spec = function.output_signature.type_spec_value
        spec.type_spec_class = 12
        spec.type_spec_class_name = "elsewhere.Spec"


def second_graph(model: Any) -> None:
    model.meta_graphs.add().CopyFrom(model.meta_graphs[0])
    model.meta_graphs[1].meta_info_def.tags[:] = ["aaa"]


def side_effects(path: Path) -> None:
    """Ops that reach outside the model, in functions called by name and as an attribute."""

    class Model(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([], tf.string)])
        def read(self, name: Any) -> Any:
            tf.print("reading", name)
            return tf.io.read_file(name)

    tf.saved_model.save(Model(), str(path))


def nothing(model: Any) -> None:
    pass


def main(directory: str) -> None:
    root = Path(directory)
    makers = [
        options,
        structures,
        dictionaries,
        specs,
        signatures,
        control_flow,
        keras,
        tensorflow1,
        bare,
        simple,
        side_effects,
    ]
    for make in makers:
        make(root / make.__name__)
    for edit in (custom_op, lost_function, foreign_type, second_graph):
        edited(root / "options", root / edit.__name__, edit)
    for name in ("options", "control_flow", "specs", "tensorflow1", "signatures"):
        edited(root / name, root / f"{name}_text", nothing, text=True)


if __name__ == "__main__":
    main(sys.argv[1])
