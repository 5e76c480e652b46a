// What an output may differ by: the tolerances, overall and by name, and bounds on other figures.
import { badInput } from '../errors.ts';

export interface Tolerances {
  atol: number;
  rtol: number;
}

/** Further figures that must hold; absent ones are not asked for. */
export interface Bounds {
  minCosine?: number | undefined;
  minSnrDb?: number | undefined;
  maxUlp?: number | undefined;
  maxArgmaxFlips?: number | undefined;
  minTopK?: number | undefined;
}

/** The rule for one tensor. */
export type Rule = Tolerances &
  Bounds & {
    /** NaN and infinities of both sides count as the same, whichever they are: where sums overflow depends on their order. */
    anyNonFinite?: boolean | undefined;
  };

/**
 * A part of a rule for the tensors whose name is `match`, in which `*` stands for any characters; `from` is the option that
 * names an output of this verification, where one does.
 */
export type NamedRule = { match: string; from?: string | undefined } & {
  [key in keyof Rule]?: Rule[key] | undefined;
};

/** The rules of a verification: `overall`, and what departs from it by name. */
export interface Rules {
  overall: Rule;
  /** The later of two that set the same figure wins. */
  named: NamedRule[];
}

export const DEFAULT_TOLERANCES: Tolerances = { atol: 1e-5, rtol: 1e-3 };

/** For weights stored, or a model that computes, in half precision (docs/convert.md and verify.md have the measurements). */
export const FLOAT16_TOLERANCES: Tolerances = { atol: 2e-2, rtol: 1e-2 };

/** For a model that computes in bfloat16, which has three bits less than float16: eight times as much. */
const BFLOAT16_TOLERANCES: Tolerances = { atol: 1.6e-1, rtol: 8e-2 };

/** What the type that a model computes in calls for; null for the usual. */
export function tolerancesOfPrecision(precision: 'float16' | 'bfloat16' | null): Tolerances | null {
  if (precision === null) return null;
  return precision === 'bfloat16' ? BFLOAT16_TOLERANCES : FLOAT16_TOLERANCES;
}

/**
 * Refuses tolerances that are no tolerances.
 *
 * @throws TkError `usage` (exit 2) for what is negative or no finite number
 */
export function checkTolerances({ atol, rtol }: { [key in keyof Tolerances]?: number | undefined }): void {
  for (const [name, value] of Object.entries({ atol, rtol })) {
    if (value !== undefined && !(Number.isFinite(value) && value >= 0))
      throw badInput('usage', `--${name} is not a number of 0 or more`);
  }
}

/** The rule for a tensor. */
export function ruleFor({ overall, named }: Rules, name: string): Rule {
  const rule: Rule = { ...overall };
  for (const { match, from: _, ...part } of named) {
    if (matches(match, name)) Object.assign(rule, defined(part));
  }
  return rule;
}

/** True where a pattern, in which `*` stands for any characters, is the whole of a name. */
export function matches(pattern: string, name: string): boolean {
  if (!pattern.includes('*')) return pattern === name;
  const source = pattern.split('*').map((text) => text.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'));
  return new RegExp(`^${source.join('[^]*?')}$`).test(name);
}

function defined<T extends object>(part: T): Partial<T> {
  return Object.fromEntries(Object.entries(part).filter(([, value]) => value !== undefined)) as Partial<T>;
}
