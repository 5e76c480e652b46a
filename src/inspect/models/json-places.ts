// Places in JSON text, which JSON.parse does not tell: of the first mistake, and of a value by its path.

// biome-ignore-start lint/suspicious/noControlCharactersInRegex: JSON forbids them in texts
const SPACE = /[ \t\n\r]*/y;
const TEXT = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y;
const CUT_TEXT = /^"(?:[^"\\\u0000-\u001f]|\\.)*\\?$/s;
// biome-ignore-end lint/suspicious/noControlCharactersInRegex: JSON forbids them in texts
const ATOM = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])/y;

/** What may stand at a place. */
type Expected = 'value' | 'value or ]' | 'key' | 'key or }' | 'colon' | 'comma or end';

interface Token {
  at: number;
  sign: string;
}

/**
 * The tokens of JSON text, up to the first mistake, where the generator returns its place; the text's length where the
 * text ends too early.
 */
function* jsonTokens(text: string): Generator<Token, number> {
  const open: string[] = [];
  let expected: Expected = 'value';
  for (let at = text.startsWith('\ufeff') ? 1 : 0; ; ) {
    at = after(SPACE, text, at) ?? at;
    if (at >= text.length || (open.length === 0 && expected === 'comma or end')) return at;
    const next = nextState(text, at, expected, open);
    if (!next) return mistakeAt(text, at);
    yield { at, sign: text.slice(at, next.end) };
    [at, expected] = [next.end, next.expected];
  }
}

function nextState(
  text: string,
  at: number,
  expected: Expected,
  open: string[],
): { end: number; expected: Expected } | undefined {
  const sign = text[at] as string;
  const end = at + 1;
  if (expected === 'colon') return sign === ':' ? { end, expected: 'value' } : undefined;
  const isEnd = (sign === '}' || sign === ']') && open.at(-1) === (sign === '}' ? '{' : '[');
  if (isEnd && (expected === 'comma or end' || expected.endsWith(sign))) {
    open.pop();
    return { end, expected: 'comma or end' };
  }
  if (expected === 'comma or end') {
    return sign === ',' ? { end, expected: open.at(-1) === '{' ? 'key' : 'value' } : undefined;
  }
  if (expected.startsWith('key')) {
    const stop = after(TEXT, text, at);
    return stop === undefined ? undefined : { end: stop, expected: 'colon' };
  }
  if (sign === '{' || sign === '[') {
    open.push(sign);
    return { end, expected: sign === '{' ? 'key or }' : 'value or ]' };
  }
  const stop = after(TEXT, text, at) ?? after(ATOM, text, at);
  return stop === undefined ? undefined : { end: stop, expected: 'comma or end' };
}

/** Where the pattern's match at a place ends. */
function after(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}

/** A text or word that the file's end cuts off is no mistake before the end. */
function mistakeAt(text: string, at: number): number {
  const rest = text.slice(at);
  const cut = CUT_TEXT.test(rest) || /^[\w.+-]*$/.test(rest);
  return cut ? text.length : at;
}

/** The place of the first mistake in text that is no JSON; the text's length where it ends too early. */
export function jsonErrorAt(text: string): number {
  const tokens = jsonTokens(text);
  for (;;) {
    const step = tokens.next();
    if (step.done) return step.value;
  }
}

/** Where in sound JSON the value at a path begins; the innermost part that is there, where it is not. */
export function jsonOffsetOf(text: string, path: readonly (string | number)[]): number {
  const open: { step: string | number; isList: boolean }[] = [];
  let [found, depth, previous] = [0, 0, ''];
  for (const { at, sign } of jsonTokens(text)) {
    const inside = open.at(-1);
    const begins = !['}', ']', ',', ':'].includes(sign);
    if (inside && !inside.isList && begins && previous !== ':') inside.step = JSON.parse(sign) as string;
    else if (begins && open.length > depth && open.every(({ step }, level) => step === path[level])) {
      [found, depth] = [at, open.length];
      if (depth === path.length) break;
    }
    if (sign === ',' && inside?.isList) inside.step = Number(inside.step) + 1;
    if (sign === '{' || sign === '[') open.push({ step: sign === '[' ? 0 : '', isList: sign === '[' });
    if (sign === '}' || sign === ']') open.pop();
    previous = sign;
  }
  return found;
}
