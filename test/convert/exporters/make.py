"""Makes the models of this folder. Their exporters are no part of the environment: the files are checked in.

pip install --no-deps scikit-learn==1.7.2 scipy==1.15.3 joblib==1.5.2 threadpoolctl==3.8.0 skl2onnx==1.20.0 \
    tf2onnx==1.17.0 lightgbm==4.7.0 onnxmltools==1.16.0
beside the packages of python/requirements.lock. Usage: python make.py [NAME...]
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

HERE = Path(__file__).parent
OPSETS = {"": 18, "ai.onnx.ml": 3}


def scikit(make: Callable[[], Any], kind: str = "iris") -> Callable[[Path], None]:
    """A scikit-learn estimator, fitted on data that comes with the package."""

    def write(path: Path) -> None:
        from skl2onnx import to_onnx
        from sklearn import datasets
        from sklearn.base import is_classifier

        data = datasets.load_iris() if kind == "iris" else datasets.load_diabetes()
        features = data.data.astype(np.float32)
        model = make().fit(features, data.target)
        options = {id(model): {"zipmap": False}} if is_classifier(model) else None
        path.write_bytes(
            to_onnx(model, features[:1], options=options, target_opset=OPSETS).SerializeToString()
        )

    return write


def columns(path: Path) -> None:
    """Numbers that are filled in and scaled, two columns of words, then a forest; an input for each kind."""
    from skl2onnx import convert_sklearn
    from skl2onnx.common.data_types import FloatTensorType, StringTensorType
    from sklearn.compose import ColumnTransformer
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

    random = np.random.default_rng(0)
    table = np.empty((200, 5), object)
    table[:, :3] = random.standard_normal((200, 3))
    table[:, 3] = random.choice(["red", "green", "blue"], 200)
    table[:, 4] = random.choice(["S", "M", "L"], 200)
    labels = np.where(table[:, 0] + (table[:, 3] == "red") > 0, "yes", "no")
    numbers = make_pipeline(SimpleImputer(), StandardScaler())
    parts = [("n", numbers, [0, 1, 2]), ("c", OneHotEncoder(), [3]), ("s", OrdinalEncoder(), [4])]
    model = make_pipeline(ColumnTransformer(parts), RandomForestClassifier(5, random_state=0)).fit(
        table, labels
    )
    types = [("numbers", FloatTensorType([None, 3])), ("words", StringTensorType([None, 2]))]
    onnx = convert_sklearn(
        model, initial_types=types, options={id(model): {"zipmap": False}}, target_opset=OPSETS
    )
    path.write_bytes(onnx.SerializeToString())


def defaults(path: Path) -> None:
    """A classifier of words, exported as skl2onnx does unless told otherwise: its scores are maps."""
    from skl2onnx import to_onnx
    from sklearn.datasets import load_iris
    from sklearn.linear_model import LogisticRegression

    iris = load_iris()
    features = iris.data.astype(np.float32)
    model = LogisticRegression(max_iter=500).fit(features, iris.target_names[iris.target])
    path.write_bytes(to_onnx(model, features[:1], target_opset=OPSETS).SerializeToString())


def lightgbm(path: Path) -> None:
    """A boosted classifier as onnxmltools exports it: maps, and labels that it declares as [1]."""
    from lightgbm import LGBMClassifier
    from onnxmltools import convert_lightgbm
    from onnxmltools.convert.common.data_types import FloatTensorType
    from sklearn.datasets import load_iris

    iris = load_iris()
    model = LGBMClassifier(n_estimators=4, num_leaves=5, random_state=0, verbose=-1)
    model.fit(iris.data.astype(np.float32), iris.target)
    onnx = convert_lightgbm(model, initial_types=[("input", FloatTensorType([None, 4]))], target_opset=15)
    path.write_bytes(onnx.SerializeToString())


def keras(make: Callable[[Any, Any], Any], opset: int) -> Callable[[Path], None]:
    """A Keras model through tf2onnx, with the names and transposes that it writes."""

    def write(path: Path) -> None:
        import keras as k
        import tensorflow as tf
        import tf2onnx

        k.utils.set_random_seed(1)
        model = make(k, k.layers)
        specs = [tf.TensorSpec([None, *each.shape[1:]], tf.float32, each.name) for each in model.inputs]
        function = tf.function(lambda x: model(x, training=False), input_signature=specs)
        tf2onnx.convert.from_function(function, specs, opset=opset, output_path=str(path))

    return write


def vision(k: Any, layers: Any) -> Any:
    """Convolutions of all kinds, a gate by channel, both ways to grow."""
    x = layers.Input((16, 16, 3), name="image")
    y = layers.Conv2D(8, 3, strides=2, padding="same", use_bias=False)(x)
    y = shortcut = layers.ReLU(6.0)(layers.BatchNormalization()(y))
    y = layers.BatchNormalization()(layers.DepthwiseConv2D(3, padding="same")(y))
    gate = layers.Conv2D(8, 1, activation="hard_sigmoid")(layers.GlobalAveragePooling2D(keepdims=True)(y))
    y = layers.Concatenate()([layers.Multiply()([y, gate]), shortcut])
    up = layers.UpSampling2D(2, interpolation="bilinear")(layers.Conv2DTranspose(4, 3, strides=2)(y))
    return k.Model(x, [layers.Dense(3, activation="softmax")(layers.GlobalMaxPooling2D()(y)), up])


def recurrent(k: Any, layers: Any) -> Any:
    """Sequences of any length, in both directions."""
    return k.Sequential(
        [
            layers.Input((None, 4), name="sequence"),
            layers.LSTM(6, return_sequences=True),
            layers.Bidirectional(layers.GRU(3)),
        ]
    )


def attention(k: Any, layers: Any) -> Any:
    """A causal block of a transformer."""
    x = layers.Input((None, 16), name="tokens")
    mixed = layers.MultiHeadAttention(2, 8)(x, x, use_causal_mask=True)
    y = layers.LayerNormalization()(layers.Add()([x, mixed]))
    return k.Model(x, layers.Dense(16)(layers.Dense(32, activation="swish")(y)))


def loops(path: Path) -> None:
    """A tf.function with a loop, a condition and an array of tensors."""
    import tensorflow as tf
    import tf2onnx

    def run(x: Any) -> Any:
        array = tf.TensorArray(tf.float32, 4)
        for at in tf.range(4):
            array = array.write(at, x[:, at] * tf.cast(at, tf.float32))
        halved = tf.while_loop(lambda i, _: i < 5, lambda i, y: (i + 1, y * 0.5 + x), [tf.constant(0), x])[1]
        return array.stack(), tf.cond(tf.reduce_sum(x) > 0, lambda: halved * 2, lambda: halved - 1)

    specs = [tf.TensorSpec([None, 4], tf.float32, "x")]
    function = tf.function(run, input_signature=specs)
    tf2onnx.convert.from_function(function, specs, opset=15, output_path=str(path))


def estimator(module: str, name: str, **options: Any) -> Callable[[], Any]:
    """An estimator by its name, imported when it is made."""

    def make() -> Any:
        import importlib

        return getattr(importlib.import_module(f"sklearn.{module}"), name)(**options)

    return make


MODELS: dict[str, Callable[[Path], None]] = {
    "sklearn-columns": columns,
    "sklearn-forest": scikit(
        estimator("ensemble", "RandomForestRegressor", n_estimators=5, max_depth=5, random_state=0),
        "diabetes",
    ),
    "sklearn-isolation": scikit(
        estimator("ensemble", "IsolationForest", n_estimators=4, max_samples=32, random_state=0)
    ),
    "sklearn-defaults": defaults,
    "sklearn-svc": scikit(estimator("svm", "SVC", probability=True, random_state=0)),
    "sklearn-kmeans": scikit(estimator("cluster", "KMeans", n_clusters=3, n_init=1, random_state=0)),
    "sklearn-perceptron": scikit(
        estimator("neural_network", "MLPClassifier", hidden_layer_sizes=(8,), random_state=0)
    ),
    "lightgbm-defaults": lightgbm,
    "keras-vision": keras(vision, 13),
    "keras-recurrent": keras(recurrent, 15),
    "keras-attention": keras(attention, 18),
    "tensorflow-loops": loops,
}

if __name__ == "__main__":
    for wanted in sys.argv[1:] or MODELS:
        MODELS[wanted](HERE / f"{wanted}.onnx")
