// The three ways to give inputs: --inputs (files), --input_exprs (literals), --input_examples (tf.Example).
import { readFile, stat } from 'node:fs/promises';
import { badInput } from '../errors.ts';
import { readNpy } from '../formats/npy/npy.ts';
import { openNpz } from '../formats/npy/npz.ts';
import type { Tensor } from '../formats/tensor.ts';
import { serializedExamples } from './examples.ts';
import { type PythonLiteral, parsePythonLiteral } from './python-literal.ts';

/** What was given for a key: an array of a file, or a literal. */
export type GivenInput = { tensor: Tensor } | { literal: PythonLiteral };

export interface InputTexts {
  inputs?: string | undefined;
  input_exprs?: string | undefined;
  input_examples?: string | undefined;
}

/** The largest .npy that is read; its tensor would not fit TensorFlow's messages either. */
const MAX_FILE_BYTES = 2 ** 31;

/**
 * Reads what the flags name. A key given in several ways is taken from the last of inputs, exprs, examples.
 * @param warn hears, in one line, of what was given and is not used
 * @throws TkError (exit 2) where a text is malformed or a file is not an array
 */
export async function readInputs(
  texts: InputTexts,
  warn: (line: string) => void,
): Promise<Map<string, GivenInput>> {
  const given = new Map<string, GivenInput>();
  const add = (key: string, flag: string, input: GivenInput) => {
    if (given.has(key)) warn(`input ${key} is given in several ways; that of --${flag} is used`);
    given.set(key, input);
  };
  for (const [key, { file, variable }] of parseFiles(texts.inputs ?? '')) {
    add(key, 'inputs', { tensor: await readArray(file, variable, warn) });
  }
  for (const [key, literal] of parseExpressions(texts.input_exprs ?? '', 'input_exprs')) {
    add(key, 'input_exprs', { literal });
  }
  for (const [key, literal] of parseExpressions(texts.input_examples ?? '', 'input_examples')) {
    add(key, 'input_examples', { literal: serializedExamples(literal) });
  }
  return given;
}

/** `key=file.npy;key=file.npz[variable]`. */
function parseFiles(text: string): Map<string, { file: string; variable: string | undefined }> {
  const files = new Map<string, { file: string; variable: string | undefined }>();
  for (const part of text.split(';').filter(Boolean)) {
    const match = /^([^=]+)=([^[\]]+)(?:\[([^[\]]+)\])?$/.exec(part);
    if (!match) {
      throw badInput('usage', `--inputs "${part}" is not KEY=FILE or KEY=FILE[VARIABLE]`);
    }
    files.set(match[1] as string, { file: match[2] as string, variable: match[3] });
  }
  return files;
}

/** `key=literal;key=literal`. */
function parseExpressions(text: string, flag: string): Map<string, PythonLiteral> {
  const literals = new Map<string, PythonLiteral>();
  for (const part of text.split(';').filter(Boolean)) {
    const at = part.indexOf('=');
    if (at < 0) throw badInput('usage', `--${flag} "${part}" is not KEY=LITERAL`);
    literals.set(part.slice(0, at), parsePythonLiteral(part.slice(at + 1)));
  }
  return literals;
}

async function readArray(
  file: string,
  variable: string | undefined,
  warn: (line: string) => void,
): Promise<Tensor> {
  const stats = await stat(file).catch(() => undefined);
  if (!stats?.isFile()) {
    throw badInput('no-input-file', `${file}: ${stats ? 'is not a file' : 'no such file'}`);
  }
  if (!(await startsAsZip(file))) {
    if (stats.size > MAX_FILE_BYTES) throw badInput('too-large', `${file} is larger than 2 GiB`);
    if (variable !== undefined) warn(`${file} holds a single array; the name ${variable} is not used`);
    return readNpy(await readFile(file), file);
  }
  const npz = await openNpz(file);
  try {
    const [only, second] = npz.keys;
    const key = variable ?? (second === undefined ? only : undefined);
    if (key !== undefined && npz.keys.includes(key)) return await npz.read(key);
    const known = npz.keys.join(', ') || 'nothing';
    const what = variable === undefined ? 'does not hold exactly one array' : `holds no array ${variable}`;
    throw badInput('no-such-array', `${file} ${what}; it holds: ${known}`, 'name one: KEY=FILE[VARIABLE]');
  } finally {
    await npz.close();
  }
}

/** numpy tells an archive from an array by its first bytes, not by its name. */
async function startsAsZip(file: string): Promise<boolean> {
  const { open } = await import('node:fs/promises');
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    return bytesRead === 4 && ['PK\x03\x04', 'PK\x05\x06'].includes(buffer.toString('latin1'));
  } finally {
    await handle.close();
  }
}
