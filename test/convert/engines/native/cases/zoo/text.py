"""Language models of transformers, tiny and of random weights."""

from collections.abc import Callable

import numpy as np
from exports import SENTENCE, Arrays, Network, Wrapped, images, sentences, tokens
from torch import Tensor, nn

WORDS = {"vocab_size": 60, "max_position_embeddings": 80}
SMALL = {
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 24,
}
GROUPED = {**WORDS, **SMALL, "num_key_value_heads": 1}
LAYERS = {
    "encoder_layers": 1,
    "decoder_layers": 1,
    "encoder_attention_heads": 2,
    "decoder_attention_heads": 2,
    "encoder_ffn_dim": 24,
    "decoder_ffn_dim": 24,
}
HALVES = {
    "vocab_size": 60,
    "d_model": 16,
    **LAYERS,
    "max_position_embeddings": 80,
    "pad_token_id": 1,
    "decoder_start_token_id": 2,
}
ENCODER = ["input_ids", "attention_mask"]


def model(name: str, head: str, options: dict, attention: str = "eager") -> nn.Module:
    """A model of transformers by the first part of its classes' names and its head."""
    import transformers

    config = getattr(transformers, f"{name}Config")(**options)
    config._attn_implementation = attention
    return getattr(transformers, name + head)(config)


def network(
    name: str,
    head: str,
    options: dict,
    inputs: list[str] = ENCODER,
    output: str = "logits",
    attention: str = "eager",
    fixed: dict | None = None,
) -> Network:
    """Fed with sentences of two lengths."""
    make: Callable[[], nn.Module] = lambda: Wrapped(  # noqa: E731
        model(name, head, options, attention), inputs, [output], **(fixed or {})
    )
    return Network(make, sentences(inputs, (2, 7), (3, 5)), dict.fromkeys(inputs, SENTENCE))


def causal(name: str, options: dict, attention: str = "eager") -> Network:
    """A language model without a cache."""
    return network(name, "ForCausalLM", options, attention=attention, fixed={"use_cache": False})


def halves(name: str, head: str) -> Network:
    """Encoder and decoder."""
    inputs = [*ENCODER, "decoder_input_ids"]
    return network(name, head, HALVES, inputs, fixed={"use_cache": False})


class WithPast(nn.Module):
    """A language model that takes keys and values of what came before, and gives all of them."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.model = inner

    def forward(self, ids: Tensor, mask: Tensor, key: Tensor, value: Tensor) -> tuple[Tensor, ...]:
        """Scores, keys, values of its single layer."""
        from transformers import DynamicCache

        cache = DynamicCache()
        cache.update(key, value, 0)
        y = self.model(input_ids=ids, attention_mask=mask, past_key_values=cache, use_cache=True)
        layer = y.past_key_values.layers[0]
        return y.logits, layer.keys, layer.values


def past(n: int, before: int, now: int) -> Arrays:
    """Keys and values of one head."""
    return {
        "ids": tokens(n, now),
        "mask": np.ones((n, before + now), np.int64),
        "key": images(n, 1, before, 8),
        "value": images(n, 1, before, 8, seed=1),
    }


DEBERTA = {
    **WORDS,
    **SMALL,
    "relative_attention": True,
    "pos_att_type": ["c2p", "p2c"],
    "position_buckets": 16,
    "norm_rel_ebd": "layer_norm",
    "share_att_key": True,
}
NETWORKS = {
    "distilbert": network(
        "DistilBert",
        "ForSequenceClassification",
        {**WORDS, "dim": 16, "n_layers": 2, "n_heads": 2, "hidden_dim": 24},
    ),
    "roberta": network("Roberta", "ForMaskedLM", {**WORDS, **SMALL}, attention="sdpa"),
    "albert": network(
        "Albert",
        "Model",
        {**WORDS, **SMALL, "embedding_size": 8},
        output="last_hidden_state",
    ),
    "deberta": network("DebertaV2", "Model", DEBERTA, output="last_hidden_state"),
    "mpnet": network("MPNet", "Model", {**WORDS, **SMALL}, output="last_hidden_state"),
    "llama": causal("Llama", GROUPED, "sdpa"),
    "qwen3": causal("Qwen3", {**GROUPED, "head_dim": 8}),
    "gemma2": causal(
        "Gemma2",
        {**GROUPED, "head_dim": 8, "sliding_window": 8, "query_pre_attn_scalar": 8},
    ),
    "gptneox": causal("GPTNeoX", {**WORDS, **SMALL}),
    "bloom": causal("Bloom", {"vocab_size": 60, "hidden_size": 16, "n_layer": 2, "n_head": 2}),
    "bart": halves("Bart", "ForConditionalGeneration"),
    "marian": halves("Marian", "MTModel"),
    "llama-past": Network(
        lambda: WithPast(model("Llama", "ForCausalLM", {**GROUPED, "num_hidden_layers": 1})),
        [past(2, 4, 3), past(3, 6, 1)],
        {
            "ids": SENTENCE,
            "mask": {0: "N", 1: "U"},
            "key": {0: "N", 2: "P"},
            "value": {0: "N", 2: "P"},
        },
        ["y", "keys", "values"],
    ),
}
