// What SOURCE names: told from its spelling and from what exists, before Python is started.
import { accessSync, constants, statSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { badInput } from '../errors.ts';
import { BUILTIN_NETWORKS, nearestBuiltin, WEIGHTS_IN_PACKAGES } from './builtins.ts';

export type SourceKind = 'builtin' | 'factory' | 'exported-program' | 'torchscript' | 'onnx';

export interface Source {
  kind: SourceKind;
  /** As the user wrote it. */
  name: string;
  /** The file that it names, absolute; null for built-in names and `package.module:factory`. */
  file: string | null;
}

const FILE_KINDS: Readonly<Record<string, SourceKind>> = {
  '.onnx': 'onnx',
  '.pt2': 'exported-program',
  '.pt': 'torchscript',
  '.pth': 'torchscript',
};

/**
 * Recognises a source.
 *
 * @throws TkError `unknown-source` or `no-such-file` (exit 2)
 */
export function parseSource(name: string): Source {
  const kind = FILE_KINDS[extname(name).toLowerCase()];
  if (kind) return { kind, name, file: existingFile(name) };
  const factory = /^(.*[^:]):([A-Za-z_]\w*)$/.exec(name);
  if (factory) {
    const module = factory[1]!;
    return { kind: 'factory', name, file: module.endsWith('.py') ? existingFile(module) : null };
  }
  if ((BUILTIN_NETWORKS as readonly string[]).includes(name)) return { kind: 'builtin', name, file: null };
  throw unknownSource(name);
}

/**
 * Refuses combinations of source and weights that cannot work.
 *
 * @throws TkError `weights-needed`, `no-such-file` or `usage` (exit 2)
 */
export function checkWeights(
  source: Source,
  {
    weights,
    randomWeights: random = false,
    allowPartial = false,
  }: {
    weights?: string | undefined;
    randomWeights?: boolean | undefined;
    allowPartial?: boolean | undefined;
  },
): string | null {
  if (weights !== undefined && random) {
    throw badInput('usage', '--weights and --random-weights exclude each other', 'give one of them');
  }
  if (allowPartial && weights === undefined) {
    throw badInput('usage', '--allow-partial is for a checkpoint: add --weights, or leave it out');
  }
  const carriesWeights = source.kind !== 'builtin' && source.kind !== 'factory';
  if (carriesWeights && (weights !== undefined || random)) {
    const flag = weights === undefined ? '--random-weights' : '--weights';
    throw badInput(
      'usage',
      `${source.name} carries its own weights: ${flag} does not apply`,
      `leave out ${flag}`,
    );
  }
  const needed = source.kind === 'builtin' && !WEIGHTS_IN_PACKAGES.includes(source.name);
  if (needed && weights === undefined && !random) {
    throw badInput(
      'weights-needed',
      `no package carries weights for ${source.name}`,
      'give --weights CHECKPOINT, or --random-weights to try it out',
    );
  }
  return weights === undefined ? null : existingFile(weights);
}

/**
 * Refuses the flags of an export for a model that is exported already, and a seed that nothing is drawn by.
 *
 * @throws TkError `usage` (exit 2)
 */
export function refuseForOnnx(
  source: Source,
  {
    inputs = [],
    opset,
    seed,
    verify = true,
  }: {
    inputs?: string[] | undefined;
    opset?: number | undefined;
    seed?: number | undefined;
    verify?: boolean | undefined;
  },
): void {
  for (const [flag, given] of [
    ['--input', inputs.length > 0],
    ['--opset', opset !== undefined],
  ] as const) {
    if (!given) continue;
    throw badInput(
      'usage',
      `${source.name} is ONNX already, with inputs and opset of its own: ${flag} does not apply`,
      `leave out ${flag}`,
    );
  }
  if (seed !== undefined && !verify)
    throw badInput('usage', `--no-verify leaves nothing to draw for ${source.name}: --seed does not apply`);
}

function existingFile(name: string): string {
  const stats = statSync(name, { throwIfNoEntry: false });
  if (!stats) throw badInput('no-such-file', `${name} does not exist`, 'check the path');
  if (!stats.isFile()) throw badInput('no-such-file', `${name} is not a file`, 'name a file');
  try {
    accessSync(name, constants.R_OK);
  } catch (cause) {
    throw badInput('unreadable-file', `${name} cannot be read by this user`, 'change its permissions', cause);
  }
  return resolve(name);
}

function unknownSource(name: string): Error {
  const nearest = nearestBuiltin(name);
  const known = `known networks: ${BUILTIN_NETWORKS.join(', ')}`;
  const stats = statSync(name, { throwIfNoEntry: false });
  if (stats?.isFile() && extname(name) === '.py') {
    return badInput('unknown-source', `${name} names no factory`, `name the function: ${name}:make_model`);
  }
  if (stats) {
    return badInput(
      'unknown-source',
      `${name} is no model that tk reads`,
      'give a .pt2, .pt or .onnx file, FILE.py:FACTORY, or the name of a network',
    );
  }
  return badInput(
    'unknown-source',
    `unknown network ${name}`,
    nearest ? `did you mean ${nearest}?` : `${known}; or FILE.py:FACTORY, or a .pt2, .pt or .onnx file`,
  );
}
