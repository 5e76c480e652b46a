// Where the rules of a verification come from: flags, a configuration file, what the conversion declared, the defaults.
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { badInput } from '../errors.ts';
import { systemFailure } from '../system-failure.ts';
import { DEFAULT_TOLERANCES, type NamedRule, type Rules, type Tolerances } from './tolerances.ts';

const size = z.number().min(0);
const rule = z.strictObject({
  atol: size.optional(),
  rtol: size.optional(),
  minCosine: z.number().min(-1).max(1).optional(),
  minSnrDb: z.number().optional(),
  maxUlp: size.optional(),
  maxArgmaxFlips: size.optional(),
  minTopK: z.number().min(0).max(1).optional(),
});

/** `--config`: overall figures, then some by output, and some by a pattern of tensor names. */
const toleranceConfig = rule.extend({
  outputs: z.record(z.string(), rule).optional(),
  tensors: z.array(rule.extend({ match: z.string().min(1) })).optional(),
});

export interface RuleOptions {
  /** A number for everything, or `NAME:X` for what is called so; `*` in a name stands for any characters. */
  atol?: number | string | (number | string)[] | undefined;
  rtol?: number | string | (number | string)[] | undefined;
  /** A JSON file of rules (docs/verify.md). */
  config?: string | undefined;
}

/**
 * The rules: flags before the file, the file before what the conversion declared, that before the defaults; a rule by name
 * before an overall one.
 *
 * @throws TkError `usage` or `bad-config` (exit 2)
 */
export function chooseRules(options: RuleOptions, declared: Tolerances | null): Rules {
  const { outputs = {}, tensors = [], ...overall } = options.config ? readConfig(options.config) : {};
  const flags = [...readFlag('atol', options.atol), ...readFlag('rtol', options.rtol)];
  const own = flags.filter(({ match }) => match === null).map(({ part }) => part);
  const byFlag = flags.flatMap(({ match, from, part }) => (match === null ? [] : [{ match, from, ...part }]));
  const byOutput = Object.entries(outputs).map(
    ([match, part]): NamedRule => ({ match, from: '--config', ...part }),
  );
  return {
    overall: Object.assign({}, declared ?? DEFAULT_TOLERANCES, overall, ...own),
    named: [...tensors, ...byOutput, ...byFlag],
  };
}

interface FlagPart {
  match: string | null;
  from: string;
  part: Partial<Tolerances>;
}

/** Values of `--atol` or `--rtol`; a name may hold colons, as the number is what follows the last one. */
function readFlag(flag: keyof Tolerances, value: RuleOptions['atol']): FlagPart[] {
  const values = value === undefined ? [] : Array.isArray(value) ? value : [value];
  return values.map((item) => {
    const text = String(item);
    const colon = text.lastIndexOf(':');
    const number = text.slice(colon + 1).trim();
    const amount = number === '' ? Number.NaN : Number(number);
    if (!(Number.isFinite(amount) && amount >= 0) || colon === 0) {
      throw badInput(
        'usage',
        `--${flag} ${text} is not a number of 0 or more`,
        `write --${flag} 1e-4, or --${flag} NAME:1e-4 for one output`,
      );
    }
    return {
      match: colon < 0 ? null : text.slice(0, colon),
      from: `--${flag}`,
      part: { [flag]: amount },
    };
  });
}

function readConfig(path: string): z.infer<typeof toleranceConfig> {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    const unread = systemFailure(cause);
    if (unread) throw unread;
    throw badInput('bad-config', `${path} cannot be read: ${(cause as Error).message}`, undefined, cause);
  }
  const parsed = toleranceConfig.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue && issue.path.length > 0 ? `${issue.path.join('.')}: ` : '';
  throw badInput(
    'bad-config',
    `${path} is no configuration of tk verify: ${where}${issue?.message ?? 'unreadable'}`,
    'its keys are in docs/verify.md',
  );
}
