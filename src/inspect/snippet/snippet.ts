// Runnable clients of a SavedModel with its true names, one file a language.
import { cSnippet } from './c.ts';
import { goSnippet } from './go.ts';
import { nodeSnippet } from './node.ts';
import { pythonSnippet } from './python.ts';
import type { SnippetRequest } from './request.ts';
import { servingSnippet } from './serving.ts';

const SNIPPET_LANGUAGES = ['go', 'python', 'node', 'c', 'serving'] as const;
export type SnippetLanguage = (typeof SNIPPET_LANGUAGES)[number];

const WRITERS: Record<SnippetLanguage, (request: SnippetRequest) => string> = {
  go: goSnippet,
  python: pythonSnippet,
  node: nodeSnippet,
  c: cSnippet,
  serving: servingSnippet,
};

/**
 * A complete program that loads the model, feeds zeros of the right shape and type, and prints the outputs; for
 * `serving` a shell script that asks a TensorFlow Serving over REST.
 */
export function snippet(language: SnippetLanguage, request: SnippetRequest): string {
  return WRITERS[language](request);
}
