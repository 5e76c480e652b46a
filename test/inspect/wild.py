"""Makes SavedModels as they are met in the wild: Keras 2 and 3, TensorFlow 1 and 2, odd specs, damaged parts.

Usage: wild.py DIRECTORY. It gets one directory for each of MAKERS, by the function's name.
"""

import collections
import functools
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import tensorflow as tf
import tf_keras
from google.protobuf import text_format
from tensorflow.core.protobuf import saved_model_pb2
from tensorflow.python.framework import dtypes, tensor_spec

v1 = tf.compat.v1
FLOATS = tf.TensorSpec([None, 4], tf.float32)
SCALAR = tf.TensorSpec([], tf.float32)


class Pair(NamedTuple):
    left: Any
    right: Any


def export3(path: Path, model: Any) -> None:
    model.export(str(path), verbose=False)


def keras3_sequential(path: Path) -> None:
    layers = tf.keras.layers
    model = tf.keras.Sequential([layers.Input([8, 3]), layers.LSTM(4), layers.Dense(2, "softmax")])
    export3(path, model)


def keras3_bidirectional(path: Path) -> None:
    layers = tf.keras.layers
    inputs = layers.Input([None], dtype="int32", name="tokens")
    hidden = layers.Embedding(11, 4, mask_zero=True)(inputs)
    hidden = layers.Bidirectional(layers.GRU(3, return_sequences=True))(hidden)
    export3(path, tf.keras.Model(inputs, layers.GlobalMaxPool1D()(hidden)))


def keras3_functional(path: Path) -> None:
    """Dictionaries in and out."""
    layers = tf.keras.layers
    left, right = layers.Input([4], name="left"), layers.Input([4], name="right")
    joined = layers.Concatenate()([left, right])
    outputs = {"sum": layers.Dense(1, name="sum")(joined), "raw": joined}
    export3(path, tf.keras.Model({"left": left, "right": right}, outputs))


def keras3_list(path: Path) -> None:
    layers = tf.keras.layers
    first, second = layers.Input([4]), layers.Input([2, 2])
    outputs = [layers.Dropout(0.5)(first), layers.Flatten()(second), layers.BatchNormalization()(first)]
    export3(path, tf.keras.Model([first, second], outputs))


def keras3_subclassed(path: Path) -> None:
    class Net(tf.keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.dense = tf.keras.layers.Dense(3)

        def call(self, x: Any, training: bool = False) -> Any:
            return self.dense(x)

    model = Net()
    model(tf.zeros([1, 4]))
    archive = tf.keras.export.ExportArchive()
    archive.track(model)
    archive.add_endpoint("call", model.call, [FLOATS])
    archive.add_endpoint("serve", lambda x: {"y": model(x)}, [tf.TensorSpec([2, 4], name="x")])
    archive.write_out(str(path), verbose=False)


def keras3_saved(path: Path) -> None:
    """tf.saved_model.save of a Keras 3 model."""
    model = tf.keras.Sequential([tf.keras.layers.Input([4]), tf.keras.layers.Dense(2)])
    tf.saved_model.save(model, str(path))


def keras2_sequential(path: Path) -> None:
    layers = tf_keras.layers
    model = tf_keras.Sequential(
        [layers.Input([8, 8, 1]), layers.Conv2D(2, 3), layers.Flatten(), layers.Dense(2)]
    )
    model.compile("adam", "mse")
    model.save(str(path), save_format="tf")


def keras2_recurrent(path: Path) -> None:
    layers = tf_keras.layers
    inputs = layers.Input([5, 3])
    hidden = layers.Bidirectional(layers.LSTM(2, return_sequences=True))(inputs)
    model = tf_keras.Model(
        inputs, layers.TimeDistributed(layers.Dense(2))(layers.GRU(3, return_sequences=True)(hidden))
    )
    model.save(str(path), save_format="tf")


def keras2_functional(path: Path) -> None:
    layers = tf_keras.layers
    left, right = layers.Input([4], name="left"), layers.Input([], name="right", dtype="string")
    size = tf.strings.length(right)
    outputs = {"size": size, "left": layers.BatchNormalization()(left)}
    tf_keras.Model({"left": left, "right": right}, outputs).save(str(path), save_format="tf")


def keras2_subclassed(path: Path) -> None:
    class Net(tf_keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.dense = tf_keras.layers.Dense(3)

        def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
            return Pair(self.dense(inputs["x"]), [inputs["y"], inputs["y"]])

        @tf.function(input_signature=[SCALAR])
        def extra(self, x: Any) -> Any:
            return x + 1.0

    model = Net()
    model({"x": tf.zeros([1, 4]), "y": tf.zeros([1])})
    model.save(str(path), save_format="tf")


def module_nested(path: Path) -> None:
    """Functions of the root alone are listed; children are not."""

    class Child(tf.Module):
        @tf.function(input_signature=[SCALAR])
        def hidden(self, x: Any) -> Any:
            return x

    class Root(tf.Module):
        def __init__(self) -> None:
            self.child = Child()
            self.listed = [Child(), {"a": tf.Variable(1.0)}]
            self.zebra = tf.function(lambda x, *args, **kwargs: x)
            self.alpha = tf.function(lambda: tf.constant(1.0))

        @tf.function
        def many(self, a: Any, b: Any = (1, 2.5), *rest: Any, c: Any = None, **others: Any) -> Any:
            return a

    root = Root()
    root.alpha.get_concrete_function()
    root.zebra.get_concrete_function(SCALAR, FLOATS, 3, key="text", other=SCALAR)
    root.many.get_concrete_function(SCALAR)
    root.many.get_concrete_function(
        SCALAR, [SCALAR, {"k": (FLOATS, None)}], FLOATS, "x", c=Pair(SCALAR, 1), d=SCALAR
    )
    root.many.get_concrete_function(SCALAR, b=SCALAR, c=[1, [2, [3]]])
    tf.saved_model.save(root, str(path))


def odd_specs(path: Path) -> None:
    """Optionals, tensor arrays, data sets, bounded specs, variables, random states."""

    class Root(tf.Module):
        @tf.function
        def optional(self, x: Any) -> Any:
            return x.has_value()

        @tf.function
        def array(self, x: Any) -> Any:
            return x.size()

        @tf.function
        def dataset(self, x: Any) -> Any:
            return x.cardinality()

        @tf.function
        def iterator(self, x: Any) -> Any:
            return x.get_next()

        @tf.function
        def any(self, x: Any, y: Any = 1) -> Any:
            return tf.constant(1)

    root = Root()
    root.optional.get_concrete_function(tf.OptionalSpec(SCALAR))
    root.array.get_concrete_function(tf.TensorArraySpec([None, 2], tf.float32, dynamic_size=True))
    root.dataset.get_concrete_function(
        tf.data.DatasetSpec({"a": SCALAR, "b": (FLOATS, tf.RaggedTensorSpec([None, None], tf.int32))})
    )
    root.iterator.get_concrete_function(tf.data.IteratorSpec(SCALAR))
    root.any.get_concrete_function(
        tf.RaggedTensorSpec([None, None, 3], tf.float32, ragged_rank=1, row_splits_dtype=tf.int32)
    )
    root.any.get_concrete_function(
        [tf.SparseTensorSpec(None, tf.string), tf.IndexedSlicesSpec([3], tf.float32)]
    )
    tf.saved_model.save(root, str(path))


def bounded(path: Path) -> None:
    class Root(tf.Module):
        @tf.function
        def run(self, x: Any) -> Any:
            return tf.identity(x)

    root = Root()
    root.run.get_concrete_function(tensor_spec.BoundedTensorSpec([2], tf.float32, 0.0, [1.0, 2.0], name="b"))
    root.run.get_concrete_function(tensor_spec.BoundedTensorSpec([2, 2], tf.int64, 0, 5))
    tf.saved_model.save(root, str(path))


def constants(path: Path) -> None:
    """Python values of every kind as arguments."""

    class Root(tf.Module):
        @tf.function
        def run(self, x: Any, y: Any = None) -> Any:
            return tf.constant(1)

    root = Root()
    values = [
        *[
            float("nan"),
            float("-inf"),
            1e-310,
            1e22,
            123456789012345680.0,
            0.1,
            -1.5e-7,
            2**40,
            -(2**62),
            False,
            "",
        ],
        *[
            "'",
            '"',
            "\\",
            "\x00\x7f",
            "\u2028\ud7ff\U0001f600",
            "é" * 50,
            (),
            [],
            {},
            ((),),
            [[]],
            ("a",),
            {"": ""},
        ],
        *[
            tf.float32,
            tf.TensorShape([1, None]),
            tf.TensorShape(None),
            tf.TensorShape([]),
            tf.qint8,
            tf.resource,
        ],
        *[
            collections.OrderedDict(b=1, a=2),
            {"z": 1, "é": [2], "a b": (None,)},
            Pair(1, "x"),
            (1, Pair(None, True)),
        ],
    ]
    for value in values:
        root.run.get_concrete_function(SCALAR, value)
    tf.saved_model.save(root, str(path))


def many_options(path: Path) -> None:
    """Several functions of many options each; their order is that of names TensorFlow makes while loading."""

    class Root(tf.Module):
        @tf.function
        def inner(self, x: Any, n: int) -> Any:
            return x * float(n)

        @tf.function
        def a(self, x: Any, n: int) -> Any:
            return self.inner(x, n) + self.inner(x, n + 1)

        @tf.function
        def b(self, x: Any, n: int) -> Any:
            return tf.map_fn(lambda row: self.inner(row, n), x)

    root = Root()
    for n in range(12):
        root.a.get_concrete_function(FLOATS, n)
        root.b.get_concrete_function(FLOATS, n)
    tf.saved_model.save(root, str(path))


def control(path: Path) -> None:
    """Loops, branches, cases, gradients, random numbers, assertions, prints, sorts, einsums."""

    class Root(tf.Module):
        def __init__(self) -> None:
            self.random = tf.random.Generator.from_seed(3)
            self.v = tf.Variable(tf.ones([4, 4]))

        @tf.function
        def run(self, x: Any, n: int) -> Any:
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = tf.reduce_sum(tf.linalg.matmul(x, self.v) ** 2)
            gradient = tape.gradient(y, x)
            picked = tf.switch_case(tf.cast(y, tf.int32) % 3, [lambda: x, lambda: x * 2.0, lambda: gradient])
            total = tf.while_loop(lambda i, t: i < n, lambda i, t: (i + 1, t + picked), [0, x])[1]
            scanned = tf.scan(lambda a, b: a + b, total)
            tf.debugging.assert_greater(tf.reduce_sum(scanned), -1e9)
            tf.print(y)
            noise = self.random.normal([4]) + tf.random.stateless_uniform([4], [1, 2])
            return tf.case([(y > 1.0, lambda: scanned + noise)], default=lambda: tf.einsum("ij->ji", self.v))

    root = Root()
    for n in (1, 2, 3, 10, 11):
        root.run.get_concrete_function(FLOATS, n)
    tf.saved_model.save(
        root, str(path), options=tf.saved_model.SaveOptions(experimental_custom_gradients=True)
    )


def custom_gradients(path: Path) -> None:
    @tf.custom_gradient
    def first(x: Any) -> Any:
        return x * 2.0, lambda upstream: upstream * 3.0

    @tf.custom_gradient
    def second(x: Any, y: Any) -> Any:
        return (x + y, x - y), lambda a, b: (a + b, a - b)

    class Root(tf.Module):
        @tf.function
        def run(self, x: Any, n: int) -> Any:
            a, b = second(first(x), first(x + float(n)))
            return a * b

    root = Root()
    for n in range(11):
        root.run.get_concrete_function(FLOATS, n)
    tf.saved_model.save(
        root, str(path), options=tf.saved_model.SaveOptions(experimental_custom_gradients=True)
    )


def tables(path: Path) -> None:
    vocabulary = path.with_name("vocabulary.txt")
    vocabulary.write_text("a\nb\nc\n", encoding="utf-8")

    class Root(tf.Module):
        def __init__(self) -> None:
            initializer = tf.lookup.TextFileInitializer(
                str(vocabulary),
                tf.string,
                tf.lookup.TextFileIndex.WHOLE_LINE,
                tf.int64,
                tf.lookup.TextFileIndex.LINE_NUMBER,
            )
            self.table = tf.lookup.StaticVocabularyTable(initializer, 2)
            self.mutable = tf.lookup.experimental.MutableHashTable(tf.string, tf.float32, 0.0)
            self.asset = tf.saved_model.Asset(str(vocabulary))

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="words")])
        def lookup(self, words: Any) -> Any:
            return {"ids": self.table.lookup(words), "scores": self.mutable.lookup(words)}

        @tf.function
        def other(self, words: Any, n: int) -> Any:
            return self.table.lookup(words) + n

    root = Root()
    for n in range(3):
        root.other.get_concrete_function(tf.TensorSpec([None], tf.string), n)
    tf.saved_model.save(root, str(path), signatures=root.lookup)
    vocabulary.unlink()


def signature_types(path: Path) -> None:
    """Ragged, sparse and every dense type as inputs of signatures."""

    class Root(tf.Module):
        pass

    root = Root()
    types = [
        *[tf.bfloat16, tf.half, tf.float64, tf.int8, tf.uint16, tf.uint64, tf.complex128, tf.bool, tf.string],
        *[dtypes.float8_e5m2, dtypes.float8_e4m3fn, dtypes.int4, dtypes.uint4, tf.qint32],
    ]
    signatures = {}
    for dtype in types:
        function = tf.function(
            lambda x: {"y": tf.identity(x)}, input_signature=[tf.TensorSpec([None, 2], dtype, name="x")]
        )
        signatures[f"of_{dtype.name}"] = function
    signatures["ragged"] = tf.function(
        lambda r: {"y": r.flat_values, "r": r}, input_signature=[tf.RaggedTensorSpec([None, None], tf.int32)]
    )
    signatures["sparse"] = tf.function(
        lambda s: {"y": s, "v": s.values}, input_signature=[tf.SparseTensorSpec([None, 5], tf.float32)]
    )
    tf.saved_model.save(root, str(path), signatures=signatures)


def signature_defaults(path: Path) -> None:
    two = tf.constant(2.0)

    class Root(tf.Module):
        @tf.function
        def run(self, x: Any, scale: Any = two) -> Any:
            return {"y": x * scale}

    root = Root()
    concrete = root.run.get_concrete_function(FLOATS, SCALAR)
    tf.saved_model.save(root, str(path), signatures={"serving_default": concrete, "again": concrete})


def tf1_builder(path: Path) -> None:
    """Three MetaGraphs: several tags, collections, classify and regress, an init op, assets."""
    asset = path.with_name("asset.txt")
    asset.write_text("x", encoding="utf-8")
    builder = v1.saved_model.Builder(str(path))
    for at, tags in enumerate((["train"], ["serve", "gpu"], ["serve"])):
        with v1.Session(graph=tf.Graph()) as session:
            serialized = v1.placeholder(tf.string, [None], name="tf_example")
            features = v1.io.parse_example(serialized, {"x": v1.FixedLenFeature([1], tf.float32, 0.0)})
            name = v1.saved_model.main_op.main_op if at else None
            w = v1.get_variable("w", [1, 2])
            scores = tf.nn.softmax(features["x"] @ w, name="scores")
            classes = tf.constant([["a", "b"]], name="classes")
            v1.add_to_collection(v1.GraphKeys.ASSET_FILEPATHS, tf.constant(str(asset)))
            session.run(v1.global_variables_initializer())
            info = v1.saved_model.build_tensor_info
            signatures = {
                "classify": v1.saved_model.classification_signature_def(serialized, classes, scores),
                "regress": v1.saved_model.regression_signature_def(serialized, scores),
                "é \"q\" 'x'": v1.saved_model.build_signature_def(
                    {"in 1": info(serialized)}, {}, "custom/méthode"
                ),
            }
            options = {"main_op": name() if name else None, "strip_default_attrs": at == 2}
            if at == 0:
                builder.add_meta_graph_and_variables(session, tags, signatures, **options)
            else:
                builder.add_meta_graph(tags, signatures, **options)
    builder.save()
    asset.unlink()


def tf1_resource(path: Path) -> None:
    """Resources and variants in signatures, resource variables, a cond and a while of TensorFlow 1."""
    with v1.Session(graph=tf.Graph()) as session:
        x = v1.placeholder(tf.float32, name="x")
        handle = v1.placeholder(tf.resource, [], name="handle")
        variant = v1.placeholder(tf.variant, [None], name="variant")
        v1.disable_control_flow_v2()
        v = v1.get_variable("v", [], use_resource=True)
        y = tf.cond(tf.reduce_sum(x) > 0, lambda: x + v, lambda: x - v)
        z = tf.reduce_sum(tf.while_loop(lambda i: i < 3, lambda i: i + 1, [tf.constant(0)]))
        session.run(v1.global_variables_initializer())
        info = v1.saved_model.build_tensor_info
        signature = v1.saved_model.build_signature_def(
            {"x": info(x), "handle": info(handle), "variant": info(variant)}, {"y": info(y), "z": info(z)}
        )
        builder = v1.saved_model.Builder(str(path))
        builder.add_meta_graph_and_variables(session, [], {"serving_default": signature})
        builder.save()


def nested_calls(path: Path) -> None:
    """Functions that call functions, some bound twice, some never called; XLA, implementations."""

    @tf.function(jit_compile=True)
    def compiled(x: Any) -> Any:
        return tf.nn.relu(x)

    @tf.function(experimental_implements="my.relu")
    def named(x: Any) -> Any:
        return compiled(x) + 1.0

    class Root(tf.Module):
        def __init__(self) -> None:
            self.first = named
            self.second = named
            self.concrete = compiled.get_concrete_function(FLOATS)

        @tf.function
        def __call__(self, x: Any) -> Any:
            return named(compiled(x)), tf.py_function(lambda v: v, [x], tf.float32)

    root = Root()
    root(tf.zeros([2, 4]))
    root(tf.zeros([3, 4]))
    tf.saved_model.save(root, str(path))


def autograph_names(path: Path) -> None:
    """Functions with private and odd names, lambdas, partials, static and class attributes."""

    class Root(tf.Module):
        pass

    root = Root()
    root._private = tf.function(lambda x: x)
    root.Upper = tf.function(lambda x: x)
    root.é = tf.function(lambda x: x)
    root.partial = tf.function(functools.partial(lambda a, b: a + b, b=tf.constant(1.0)))
    for function in (root._private, root.Upper, root.é):
        function.get_concrete_function(SCALAR)
    root.partial.get_concrete_function(SCALAR)
    tf.saved_model.save(root, str(path))


def copied(source: Path, path: Path) -> None:
    shutil.copytree(source, path)


def edit(path: Path, change: Callable[[Any], None]) -> None:
    file = path / "saved_model.pb"
    model = saved_model_pb2.SavedModel.FromString(file.read_bytes())
    change(model)
    file.write_bytes(model.SerializeToString())


def missing_shards(path: Path) -> None:
    copied(path.with_name("keras3_sequential"), path)
    for shard in (path / "variables").glob("*.data-*"):
        shard.unlink()


def missing_variables(path: Path) -> None:
    copied(path.with_name("keras2_sequential"), path)
    shutil.rmtree(path / "variables")


def damaged_index(path: Path) -> None:
    copied(path.with_name("many_options"), path)
    (path / "variables" / "variables.index").write_bytes(b"damaged")


def wrong_library(path: Path) -> None:
    """A node calls a function that the library lacks."""
    copied(path.with_name("many_options"), path)

    def change(model: Any) -> None:
        library = model.meta_graphs[0].graph_def.library.function
        for function in library:
            for node in function.node_def:
                if "f" in node.attr:
                    node.attr["f"].func.name = "nowhere"

    edit(path, change)


def wrong_concrete(path: Path) -> None:
    """The object graph names a concrete function that is not there."""
    copied(path.with_name("many_options"), path)

    def change(model: Any) -> None:
        for node in model.meta_graphs[0].object_graph_def.nodes:
            if node.function.concrete_functions:
                node.function.concrete_functions[0] = "nowhere"

    edit(path, change)


def unknown_op(path: Path) -> None:
    copied(path.with_name("tf1_builder"), path)
    edit(path, lambda model: setattr(model.meta_graphs[1].graph_def.node[0], "op", "NobodyKnows"))


def newer_version(path: Path) -> None:
    copied(path.with_name("odd_specs"), path)

    def change(model: Any) -> None:
        model.saved_model_schema_version = 99
        model.meta_graphs[0].graph_def.versions.producer = 99999
        model.meta_graphs[0].meta_info_def.tensorflow_version = "99.0.0"

    edit(path, change)


def min_consumer(path: Path) -> None:
    copied(path.with_name("many_options"), path)
    edit(path, lambda model: setattr(model.meta_graphs[0].graph_def.versions, "min_consumer", 99999))


def empty_object_graph(path: Path) -> None:
    copied(path.with_name("many_options"), path)
    edit(path, lambda model: model.meta_graphs[0].object_graph_def.Clear())


def no_tags(path: Path) -> None:
    copied(path.with_name("many_options"), path)
    edit(path, lambda model: model.meta_graphs[0].meta_info_def.ClearField("tags"))


def empty(path: Path) -> None:
    path.mkdir()
    (path / "saved_model.pb").write_bytes(b"")


def text_comments(path: Path) -> None:
    """Text format with comments, other brackets, split texts, hexadecimal numbers, an any-typed field."""
    path.mkdir()
    source = path.with_name("tf1_resource") / "saved_model.pb"
    model = saved_model_pb2.SavedModel.FromString(source.read_bytes())
    text = text_format.MessageToString(model).replace('"serve"', "'ser' \"ve\"")
    text = "# a comment\n" + text.replace(
        "saved_model_schema_version: 1", "saved_model_schema_version: 0x1 # one"
    )
    (path / "saved_model.pbtxt").write_text(text.replace("  node {", "  node <", 0), encoding="utf-8")


MAKERS = [
    *[
        keras3_sequential,
        keras3_bidirectional,
        keras3_functional,
        keras3_list,
        keras3_subclassed,
        keras3_saved,
    ],
    *[keras2_sequential, keras2_recurrent, keras2_functional, keras2_subclassed],
    *[module_nested, odd_specs, bounded, constants, many_options, control, custom_gradients, tables],
    *[signature_types, signature_defaults, tf1_builder, tf1_resource, nested_calls, autograph_names],
    *[missing_shards, missing_variables, damaged_index, wrong_library, wrong_concrete, unknown_op],
    *[newer_version, min_consumer, empty_object_graph, no_tags, empty, text_comments],
]


def main(directory: str) -> None:
    for make in MAKERS:
        make(Path(directory) / make.__name__)


if __name__ == "__main__":
    main(sys.argv[1])
