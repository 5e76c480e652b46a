// Embeddings on their way into pgvector and out of it. Both ways are exact: a float32 is written so that it reads back the same.

/** `[0.5,-1,…]`. */
export function toVector(embedding: Float32Array): string {
  return `[${embedding.join(',')}]`;
}

/** SQL that gives a vector as `fromVector` reads it: its own bytes, which are made and read sooner than decimal numbers. */
export function vectorSql(vector: string): string {
  return `encode(vector_send(${vector}), 'base64')`;
}

/** Reads what pgvector sends: how many values there are and a reserved field, two bytes each, then big-endian float32. */
export function fromVector(base64: string): Float32Array {
  const bytes = Buffer.from(base64, 'base64');
  return Float32Array.from({ length: bytes.readUInt16BE(0) }, (_, index) => bytes.readFloatBE(4 + 4 * index));
}
