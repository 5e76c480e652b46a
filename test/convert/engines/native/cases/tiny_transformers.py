"""Models of transformers, tiny and with seeded random weights."""

from exports import Wrapped
from torch import nn

SMALL = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 24}


def bert() -> nn.Module:
    """Encoder with a pooler."""
    from transformers import BertConfig, BertModel

    config = BertConfig(vocab_size=50, max_position_embeddings=32, attn_implementation="eager", **SMALL)
    names = ["input_ids", "attention_mask", "token_type_ids"]
    return Wrapped(BertModel(config), names, ["last_hidden_state", "pooler_output"])


def gpt2() -> nn.Module:
    """Causal language model without a cache."""
    from transformers import GPT2Config, GPT2LMHeadModel

    config = GPT2Config(
        vocab_size=50, n_positions=32, n_embd=16, n_layer=2, n_head=2, attn_implementation="eager"
    )
    return Wrapped(GPT2LMHeadModel(config), ["input_ids", "attention_mask"], ["logits"], use_cache=False)


def vit() -> nn.Module:
    """Patches, a class token, an encoder."""
    from transformers import ViTConfig, ViTForImageClassification

    config = ViTConfig(image_size=16, patch_size=4, num_labels=5, attn_implementation="eager", **SMALL)
    return Wrapped(ViTForImageClassification(config), ["pixel_values"], ["logits"])


def t5() -> nn.Module:
    """Encoder and decoder with relative positions."""
    from transformers import T5Config, T5ForConditionalGeneration

    config = T5Config(
        vocab_size=50, d_model=16, d_kv=8, d_ff=24, num_layers=2, num_heads=2, decoder_start_token_id=0
    )
    names = ["input_ids", "attention_mask", "decoder_input_ids"]
    return Wrapped(T5ForConditionalGeneration(config), names, ["logits"], use_cache=False)


def whisper() -> nn.Module:
    """Log-mel frames to tokens."""
    from transformers import WhisperConfig, WhisperForConditionalGeneration

    config = WhisperConfig(
        vocab_size=50,
        num_mel_bins=8,
        d_model=16,
        encoder_layers=1,
        decoder_layers=1,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=24,
        decoder_ffn_dim=24,
        max_source_positions=10,
        max_target_positions=16,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
        decoder_start_token_id=1,
        attn_implementation="eager",
    )
    names = ["input_features", "decoder_input_ids"]
    return Wrapped(WhisperForConditionalGeneration(config), names, ["logits"], use_cache=False)


def clip() -> nn.Module:
    """Pictures against sentences."""
    from transformers import CLIPConfig, CLIPModel

    text = {"vocab_size": 50, "max_position_embeddings": 16, "eos_token_id": 49, **SMALL}
    vision = {"image_size": 16, "patch_size": 8, **SMALL}
    config = CLIPConfig(text_config=text, vision_config=vision, projection_dim=8, attn_implementation="eager")
    names = ["input_ids", "pixel_values", "attention_mask"]
    return Wrapped(CLIPModel(config), names, ["logits_per_image", "text_embeds"])
