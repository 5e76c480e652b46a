"""Models of pictures and sounds of transformers, tiny and of random weights."""

from exports import BATCH, SENTENCE, SPACE, Arrays, Network, Wrapped, images, tokens
from torch import nn

from zoo.text import LAYERS, SMALL, model

PATCHES = {"image_size": 32, "patch_size": 8, **SMALL}
SOUND = {
    "vocab_size": 20,
    "conv_dim": [8, 8, 8],
    "conv_kernel": [10, 3, 3],
    "conv_stride": [5, 2, 2],
    "num_feat_extract_layers": 3,
    "num_conv_pos_embeddings": 8,
    "num_conv_pos_embedding_groups": 2,
    **SMALL,
}
TEXT = {"vocab_size": 60, "max_position_embeddings": 80, **SMALL}
STAGES = {"embedding_size": 8, "hidden_sizes": [8, 12, 16, 20], "depths": [1, 1, 1, 1]}


def seen(
    name: str,
    head: str,
    options: dict,
    size: int,
    output: str = "logits",
    free: bool = False,
    attention: str = "eager",
) -> Network:
    """Fed with pictures, of two sizes where they are free."""
    other = size + 32 if free else size
    return Network(
        lambda: Wrapped(model(name, head, options, attention), ["pixel_values"], [output]),
        [{"pixel_values": images(n, 3, s, s)} for n, s in ((2, size), (1, other))],
        {"pixel_values": SPACE if free else BATCH},
    )


def heard(name: str, head: str, options: dict, output: str) -> Network:
    """Fed with sound of two lengths."""
    return Network(
        lambda: Wrapped(model(name, head, options), ["input_values"], [output]),
        [{"input_values": images(n, t)} for n, t in ((2, 800), (3, 1000))],
        {"input_values": SENTENCE},
    )


def both(n: int, t: int) -> Arrays:
    """Sentences and pictures."""
    return {"input_ids": tokens(n, t), "pixel_values": images(n, 3, 32, 32)}


def detector() -> Wrapped:
    """DETR on its own backbone."""
    import transformers

    backbone = transformers.ResNetConfig(**STAGES, out_features=["stage4"])
    options = {
        "use_timm_backbone": False,
        "use_pretrained_backbone": False,
        "backbone": None,
        "backbone_config": backbone,
        "d_model": 32,
        **LAYERS,
        "num_queries": 5,
    }
    return Wrapped(
        model("Detr", "ForObjectDetection", options),
        ["pixel_values"],
        ["logits", "pred_boxes"],
    )


def vocoder() -> nn.Module:
    """From spectra to sound."""
    from transformers import SpeechT5HifiGan, SpeechT5HifiGanConfig

    return SpeechT5HifiGan(SpeechT5HifiGanConfig(**VOICE))


WINDOWS = {
    "image_size": 32,
    "patch_size": 2,
    "embed_dim": 8,
    "depths": [2, 2],
    "num_heads": [2, 2],
    "window_size": 4,
}
PYRAMID = {
    "hidden_sizes": [8, 16, 24, 32],
    "depths": [1, 1, 1, 1],
    "num_attention_heads": [1, 2, 2, 2],
    "decoder_hidden_size": 16,
}
SEGMENTS = {
    "image_size": 32,
    "patch_size": 8,
    "hidden_size": 16,
    "output_channels": 8,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "window_size": 2,
    "global_attn_indexes": [1],
    "mlp_dim": 24,
}
VOICE = {
    "model_in_dim": 8,
    "upsample_initial_channel": 16,
    "upsample_rates": [2, 2],
    "upsample_kernel_sizes": [4, 4],
    "resblock_kernel_sizes": [3],
    "resblock_dilation_sizes": [[1, 3]],
}
NETWORKS = {
    "deit": seen("DeiT", "ForImageClassification", PATCHES, 32, attention="sdpa"),
    "beit": seen(
        "Beit",
        "ForImageClassification",
        {**PATCHES, "use_relative_position_bias": True},
        32,
    ),
    "swin-v2": seen("Swinv2", "ForImageClassification", WINDOWS, 32),
    "bit": seen(
        "Bit",
        "Model",
        {**STAGES, "hidden_sizes": [8, 16, 24, 32], "num_groups": 4},
        64,
        "last_hidden_state",
    ),
    "segformer": seen("Segformer", "ForSemanticSegmentation", PYRAMID, 64, free=True),
    "segment-anything": seen("SamVision", "Model", SEGMENTS, 32, "last_hidden_state"),
    "dino-v2": seen(
        "Dinov2",
        "Model",
        {**SMALL, "image_size": 28, "patch_size": 14},
        56,
        "last_hidden_state",
    ),
    "yolos": seen(
        "Yolos",
        "ForObjectDetection",
        {**PATCHES, "image_size": [32, 32]},
        32,
        "pred_boxes",
    ),
    "detr": Network(
        detector,
        [{"pixel_values": images(n, 3, 64, 64)} for n in (2, 1)],
        {"pixel_values": BATCH},
        ["logits", "boxes"],
    ),
    "siglip": Network(
        lambda: Wrapped(
            model("Siglip", "Model", {"text_config": TEXT, "vision_config": PATCHES}),
            ["input_ids", "pixel_values"],
            ["logits_per_image"],
        ),
        [both(2, 7), both(3, 5)],
        {"input_ids": SENTENCE, "pixel_values": {0: "M"}},
    ),
    "wav2vec2": heard("Wav2Vec2", "ForCTC", SOUND, "logits"),
    "hubert": heard("Hubert", "Model", SOUND, "last_hidden_state"),
    "hifigan": Network(
        vocoder,
        [{"spectrogram": images(n, t, 8)} for n, t in ((2, 20), (3, 12))],
        {"spectrogram": SENTENCE},
    ),
}
