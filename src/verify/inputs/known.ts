// What an ONNX graph shows of the values that its inputs may have.
import { type OnnxModel, readOnnxModel } from '../../formats/onnx/model.ts';
import { type KnownCategories, knownCategories } from './categories.ts';
import { convolvedChannels } from './channels.ts';
import { numericStrings } from './numerals.ts';
import { indexedRows } from './rows.ts';

/** What is known by input: rows of the tables that it indexes, channels of the convolutions and categories of the encoders that read it. */
export interface KnownOfInputs {
  rows: Map<string, number>;
  channels: Map<string, number>;
  categories: KnownCategories;
  /** String inputs that are read as numbers. */
  numerals: ReadonlySet<string>;
}

/** Reads an ONNX file once for all that is known of its inputs; nothing where it cannot be read. */
export function knownOfInputs(path: string): KnownOfInputs {
  let model: OnnxModel;
  try {
    model = readOnnxModel(path);
  } catch {
    // Its runner tells what is wrong with it.
    return { rows: new Map(), channels: new Map(), categories: new Map(), numerals: new Set() };
  }
  try {
    const { graph } = model;
    return {
      rows: indexedRows(graph),
      channels: convolvedChannels(graph),
      categories: knownCategories(graph),
      numerals: numericStrings(graph),
    };
  } finally {
    model.close();
  }
}
