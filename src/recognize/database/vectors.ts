// Embeddings as pgvector writes and reads them. Both ways are exact: a float32 is written so that it reads back the same.

/** `[0.5,-1,…]`. */
export function toVector(embedding: Float32Array): string {
  return `[${embedding.join(',')}]`;
}

export function fromVector(text: string): Float32Array {
  return Float32Array.from(JSON.parse(text) as number[]);
}
