// Names that options give must be a model's: what is said of a mistyped one would be passed over in silence.
import { badInput } from '../errors.ts';
import { commonInputs, type OpenedSides } from './sides.ts';
import { matches, type Rules } from './tolerances.ts';

/**
 * Checks the names in `--rename`, `--input-gen`, `--atol`, `--rtol` and the outputs of `--config`. The last's `tensors` are
 * patterns for many models, and may match nothing.
 *
 * @param generated the inputs that `--input-gen` names
 * @throws TkError `usage` (exit 2), with the names that there are
 */
export function requireKnownNames(
  { sides, names }: Pick<OpenedSides, 'sides' | 'names'>,
  rename: Record<string, string>,
  generated: Iterable<string>,
  rules: Rules,
): void {
  const inputs = commonInputs(sides).map(({ name }) => name);
  const outputs = [...new Set(sides.flatMap(({ runner }) => runner.outputs.map(({ name }) => name)))];
  for (const name of Object.keys(rename))
    if (!names.includes(name)) throw unknown('--rename', 'input or output', name, names);
  for (const name of generated)
    if (!inputs.includes(name)) throw unknown('--input-gen', 'input', name, inputs);
  for (const { match, from } of rules.named) {
    if (from && !outputs.some((output) => matches(match, output)))
      throw unknown(from, 'output', match, outputs);
  }
}

function unknown(option: string, what: string, name: string, known: readonly string[]) {
  return badInput('usage', `${option} names no ${what}: ${name}`, `there are: ${known.join(', ')}`);
}
