// onnxruntime's own operators (domain com.microsoft) that its optimiser and Hugging Face's exports write.
// Source: https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md
import { entries as attention } from './attention.ts';
import { entries as blockwise } from './blockwise.ts';
import { entries as diffusion } from './diffusion.ts';
import { entries as earlier } from './earlier.ts';
import { entries as fused } from './fused.ts';
import { entries as grouped } from './grouped-attention.ts';
import { entries as normalization } from './normalization.ts';
import { entries as qlinear } from './qlinear.ts';
import { entries as quantization } from './quantization.ts';
import { entries as rotary } from './rotary.ts';

export const entries = [
  ...fused,
  ...normalization,
  ...attention,
  ...grouped,
  ...rotary,
  ...blockwise,
  ...quantization,
  ...qlinear,
  ...diffusion,
  ...earlier,
];
