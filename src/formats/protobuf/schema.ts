// Message descriptions as plain data, which scripts/protos.mjs generates from a .proto: what the reader by position
// and the text-format parser go by.

export type ScalarType =
  | 'double'
  | 'float'
  | 'int32'
  | 'int64'
  | 'uint32'
  | 'uint64'
  | 'sint64'
  | 'fixed32'
  | 'bool'
  | 'string'
  | 'bytes';

export interface FieldSchema {
  number: number;
  /** As the .proto writes it. */
  name: string;
  /** As the codec's objects have it. */
  key: string;
  type: ScalarType | { message: string } | { enum: string };
  /** `map`: keys are strings, `type` is the values'. */
  rule?: 'repeated' | 'map';
}

export interface Schema {
  messages: Record<string, FieldSchema[]>;
  /** Numbers by name. */
  enums: Record<string, Record<string, number>>;
}

/** What a message decodes to: keys as the codec's objects have them; 64-bit integers as `Long`. */
export interface PlainMessage {
  [key: string]: unknown;
}
