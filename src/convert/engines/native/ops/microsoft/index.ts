// onnxruntime's own operators (domain com.microsoft) that its optimiser and Hugging Face's exports write.
// Source: https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md
import { entries as attention } from './attention.ts';
import { entries as fused } from './fused.ts';
import { entries as normalization } from './normalization.ts';
import { entries as quantization } from './quantization.ts';

export const entries = [...fused, ...normalization, ...attention, ...quantization];
