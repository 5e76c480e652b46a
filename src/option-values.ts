// What holds of every option's value: it is there where one is due, it is given once, it is not empty, and it is
// UTF-8.
import { refuseOtherEncodings } from './encoding.ts';
import { badInput } from './errors.ts';

/** What yargs knows of the declared options, positionals among them. */
export interface DeclaredOptions {
  key: Record<string, unknown>;
  array: string[];
  number: string[];
  string: string[];
  /** Of options that take one of a few words, the words. */
  choices: Record<string, unknown>;
}

/** saved_model_cli's own flags, which take an empty text: `--tag_set ''` is the empty set. */
const MAY_BE_EMPTY = ['tag_set', 'signature_def', 'op_denylist', 'inputs', 'input_exprs', 'input_examples'];
const NEGATIVE_NUMBER = /^-(\d|\.\d)/;

/**
 * Refuses values that yargs lets through: it makes an array of an option that is given twice, takes the default where a number
 * is left out, and an empty text where a text is.
 *
 * @param argv what yargs made of the command line
 * @param args the command line behind `tk`
 * @throws TkError `usage` or `not-utf8` (exit 2)
 */
export function refuseUnusable(
  argv: Record<string, unknown>,
  declared: DeclaredOptions,
  args: readonly string[],
): true {
  const names = Object.keys(declared.key);
  const lacking = optionsWithoutValue(declared, args)[0];
  if (lacking !== undefined) throw badInput('usage', `${lacking} lacks its value`, helpOf(argv));
  const repeated = names.find((name) => Array.isArray(argv[name]) && !declared.array.includes(name));
  if (repeated !== undefined) throw badInput('usage', `--${repeated} is given more than once`, helpOf(argv));
  const empty = names.find((name) => !MAY_BE_EMPTY.includes(name) && [argv[name]].flat().includes(''));
  if (empty !== undefined) {
    const isOption = args.some((arg) => nameOf(arg) === empty);
    throw badInput('usage', `${isOption ? `--${empty}` : `the argument ${empty}`} is empty`, helpOf(argv));
  }
  refuseOtherEncodings(argv, names, args);
  return true;
}

function optionsWithoutValue(
  { number, string, array, choices }: DeclaredOptions,
  args: readonly string[],
): string[] {
  const end = args.indexOf('--');
  const options = end < 0 ? args : args.slice(0, end);
  return options.flatMap((arg, index) => {
    const name = nameOf(arg);
    if (name === null || array.includes(name)) return [];
    const isNumber = number.includes(name);
    if (!isNumber && !string.includes(name) && !Object.hasOwn(choices, name)) return [];
    if (arg.includes('=')) return isNumber && arg.endsWith('=') ? [arg.slice(0, -1)] : [];
    const next = args[index + 1];
    const isValue = next !== undefined && (!next.startsWith('-') || NEGATIVE_NUMBER.test(next));
    return isValue ? [] : [arg];
  });
}

/** The declared name that `--name`, `--name=value`, `--someName` or `-n` stands for; null for what is no option. */
function nameOf(arg: string): string | null {
  const name = /^-(?:-([^=]+)|([a-z]))(?:=|$)/.exec(arg);
  if (!name) return null;
  return (name[1] ?? name[2]!).replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function helpOf(argv: Record<string, unknown>): string {
  const words = argv._ as unknown[];
  const command = words.slice(0, words[0] === 'gallery' ? 2 : 1);
  return `run: ${['tk', ...command, '--help'].join(' ')}`;
}
