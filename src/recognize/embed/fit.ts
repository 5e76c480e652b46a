// Whether a profile is that of the network at hand: told before anything is opened, from the manifest.
import { badInput } from '../../errors.ts';
import type { Manifest } from '../../formats/output/manifest.ts';
import { fitsShape } from '../../formats/tensor.ts';
import { type EmbedderProfile, inputSize } from './profiles.ts';

type Tensors = Manifest['inputs'];

/**
 * Checks that the network takes what the profile makes of a face, and has the output that it names.
 *
 * @throws TkError `profile-misfit` (exit 2)
 */
export function requireFit(profile: EmbedderProfile, manifest: Manifest, folder: string): void {
  const input = tensorOf(profile, 'input', manifest.inputs, folder);
  tensorOf(profile, 'output', manifest.outputs, folder);
  const other = manifest.inputs.find((tensor) => tensor !== input);
  if (other) {
    throw misfit(`the embedder ${folder} also takes ${other.signatureKey}: a face is one image`);
  }
  const size = inputSize(profile);
  const faces = [3, size, size];
  if (input.dtype === 'float32' && fitsShape([1, ...faces], [null, ...input.shape.slice(1)])) return;
  const shape = input.shape.map((value) => value ?? '?').join(', ');
  throw misfit(
    `the embedder ${folder} takes ${input.dtype} [${shape}], profile ${profile.name} gives float32 [N, ${faces.join(', ')}]`,
    adviceFor(input),
  );
}

function tensorOf(
  profile: EmbedderProfile,
  kind: 'input' | 'output',
  tensors: Tensors,
  folder: string,
): Tensors[number] {
  const found = tensors.find(({ signatureKey }) => signatureKey === profile[kind]);
  if (found) return found;
  const names = tensors.map(({ signatureKey }) => signatureKey);
  throw misfit(
    `the embedder ${folder} has no ${kind} ${profile[kind]} (profile ${profile.name}); it has ${names.join(', ')}`,
    `name it in a profile file: "${kind}": ${JSON.stringify(names[0] ?? '')}`,
  );
}

function adviceFor({ shape }: Tensors[number]): string | undefined {
  const [, channels, height, width] = shape;
  if (channels === 3 && typeof height === 'number' && height === width) {
    return `is it the model's profile? if so, set "size": ${height} in a profile file`;
  }
  if (width === 3) return 'convert it with its channels first: tk convert … --input-layout nchw';
  return 'faces are squares of three channels';
}

function misfit(message: string, hint?: string) {
  return badInput('profile-misfit', message, hint ?? 'name another model or profile (docs/recognize.md)');
}
