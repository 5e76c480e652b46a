// QMagFace (Terhörst et al., WACV 2023): the cosine, corrected where the worse of the two faces is of low quality.
import { cosine, vectorLength } from './vectors.ts';

/**
 * s + min(0, β·s − α)·q with s the cosine and q the smaller of the two lengths, which are the qualities of MagFace's
 * embeddings. For clear matches it is the cosine itself.
 */
export function qmagface(a: Float32Array, b: Float32Array, alpha: number, beta: number): number {
  const similarity = cosine(a, b);
  const quality = Math.min(vectorLength(a), vectorLength(b));
  return similarity + Math.min(0, beta * similarity - alpha) * quality;
}
