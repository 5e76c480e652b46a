// Python's plain literals, as ast.literal_eval takes them: numbers, texts, bytes, lists, tuples, dicts, True, False and
// None. Everything else that Python can evaluate is refused. Grammar: The Python Language Reference 3.11, chapter 2.
import { badInput, type TkError } from '../errors.ts';

export type PythonLiteral =
  | { type: 'none' }
  | { type: 'bool'; value: boolean }
  | { type: 'int'; value: bigint }
  | { type: 'float'; value: number }
  | { type: 'str'; value: string }
  /** One character (latin-1) a byte. */
  | { type: 'bytes'; value: string }
  | { type: 'list' | 'tuple'; items: PythonLiteral[] }
  | { type: 'dict'; entries: [PythonLiteral, PythonLiteral][] };

/** Deeper nesting than this, Python's parser refuses too. */
const MAX_DEPTH = 100;
const BLANK = /(?:[ \t\f]|\\\r?\n)*(?:#[^\n]*)?/y;
const BLANK_IN_BRACKETS = /(?:[ \t\f\r\n]|\\\r?\n|#[^\n]*)*/y;
const FLOAT =
  /(?:\d(?:_?\d)*\.(?:\d(?:_?\d)*)?|\.\d(?:_?\d)*)(?:[eE][+-]?\d(?:_?\d)*)?|\d(?:_?\d)*[eE][+-]?\d(?:_?\d)*/y;
const INT = /0[xX](?:_?[\da-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|0(?:_?0)*|[1-9](?:_?\d)*/y;
const WORD = /[\p{L}_][\p{L}\p{N}_]*/uy;
const STRING_START = /([rRbBuU]{0,2})('''|"""|'|")/y;
const PREFIXES: ReadonlySet<string> = new Set(['', 'r', 'u', 'b', 'br', 'rb']);

/**
 * Reads one literal.
 * @throws TkError `bad-literal` (exit 2), with the position of what is not a literal
 */
export function parsePythonLiteral(text: string): PythonLiteral {
  const parser = new Parser(text.replace(/^[ \t]+/, ''), text);
  const value = parser.expression();
  parser.end();
  return value;
}

class Parser {
  private readonly text: string;
  private readonly shown: string;
  private at = 0;
  private depth = 0;
  /** Python's literals have one sign at most. */
  private lastSigned: PythonLiteral | undefined;

  constructor(text: string, shown: string) {
    this.text = text;
    this.shown = shown;
  }

  /** A value, or without brackets a tuple of several. */
  expression(): PythonLiteral {
    const first = this.value();
    if (!this.take(',')) return first;
    const items = [first];
    while (!this.atEnd()) {
      items.push(this.value());
      if (!this.take(',')) break;
    }
    return { type: 'tuple', items };
  }

  end(): void {
    if (!this.atEnd()) throw this.refusal();
  }

  private atEnd(): boolean {
    this.blank();
    return /^[\s]*$/.test(this.text.slice(this.at));
  }

  private value(): PythonLiteral {
    this.blank();
    if (this.depth >= MAX_DEPTH) throw this.refusal();
    this.depth += 1;
    try {
      return this.signed() ?? this.number() ?? this.strings() ?? this.bracketed() ?? this.word();
    } finally {
      this.depth -= 1;
    }
  }

  private signed(): PythonLiteral | undefined {
    const sign = this.text[this.at];
    if (sign !== '-' && sign !== '+') return undefined;
    const start = this.at;
    this.at += 1;
    const operand = this.value();
    const isNumber = operand.type === 'int' || operand.type === 'float';
    if (!isNumber || operand === this.lastSigned) {
      this.at = start;
      throw this.refusal();
    }
    if (operand.type === 'int')
      this.lastSigned = { type: 'int', value: sign === '-' ? -operand.value : operand.value };
    else this.lastSigned = { type: 'float', value: sign === '-' ? -operand.value : operand.value };
    return this.lastSigned;
  }

  private number(): PythonLiteral | undefined {
    const start = this.at;
    const float = this.match(FLOAT);
    const digits = float ?? this.match(INT);
    if (digits === undefined) return undefined;
    if (/[\p{L}\p{N}_.]/u.test(this.text[this.at] ?? '')) {
      this.at = start;
      throw this.refusal();
    }
    const plain = digits.replaceAll('_', '');
    return float === undefined
      ? { type: 'int', value: BigInt(plain) }
      : { type: 'float', value: Number(plain) };
  }

  /** One string, or several side by side, which are one. */
  private strings(): PythonLiteral | undefined {
    let whole: { type: 'str' | 'bytes'; value: string } | undefined;
    for (;;) {
      const start = this.at;
      const part = this.string();
      if (!part) return whole;
      if (whole && whole.type !== part.type) {
        this.at = start;
        throw this.refusal();
      }
      whole = { type: part.type, value: (whole?.value ?? '') + part.value };
      this.blank();
    }
  }

  private string(): { type: 'str' | 'bytes'; value: string } | undefined {
    const start = this.at;
    const opening = this.match(STRING_START);
    if (opening === undefined) return undefined;
    const quoteAt = opening.search(/['"]/);
    const prefix = opening.slice(0, quoteAt).toLowerCase();
    const quote = opening.slice(quoteAt);
    const body = PREFIXES.has(prefix) ? this.stringBody(quote) : undefined;
    const isBytes = prefix.includes('b');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: bytes are written in ASCII
    const inRange = body !== undefined && (!isBytes || /^[\x00-\x7f]*$/.test(body));
    const value = inRange ? (prefix.includes('r') ? body : unescaped(body, isBytes)) : undefined;
    if (value !== undefined) return { type: isBytes ? 'bytes' : 'str', value };
    this.at = start;
    throw this.refusal();
  }

  /** What stands before the closing quote; undefined where there is none. */
  private stringBody(quote: string): string | undefined {
    const start = this.at;
    for (; this.at < this.text.length; this.at++) {
      if (this.text.startsWith(quote, this.at)) {
        this.at += quote.length;
        return this.text.slice(start, this.at - quote.length);
      }
      if (this.text[this.at] === '\\') this.at += 1;
      else if (this.text[this.at] === '\n' && quote.length === 1) return undefined;
    }
    return undefined;
  }

  private bracketed(): PythonLiteral | undefined {
    if (this.take('[')) return { type: 'list', items: this.items(']').items };
    if (this.take('(')) {
      const { items, commas } = this.items(')');
      return items.length === 1 && commas === 0 ? (items[0] as PythonLiteral) : { type: 'tuple', items };
    }
    if (!this.take('{')) return undefined;
    const entries: [PythonLiteral, PythonLiteral][] = [];
    this.brackets += 1;
    while (!this.take('}')) {
      const key = this.value();
      if (!this.take(':')) throw this.refusal();
      entries.push([key, this.value()]);
      if (this.take(',')) continue;
      if (!this.take('}')) throw this.refusal();
      break;
    }
    this.brackets -= 1;
    return { type: 'dict', entries };
  }

  private brackets = 0;

  private items(close: string): { items: PythonLiteral[]; commas: number } {
    const items: PythonLiteral[] = [];
    let commas = 0;
    this.brackets += 1;
    while (!this.take(close)) {
      items.push(this.value());
      if (this.take(',')) commas += 1;
      else if (this.take(close)) break;
      else throw this.refusal();
    }
    this.brackets -= 1;
    return { items, commas };
  }

  private word(): PythonLiteral {
    const start = this.at;
    const word = this.match(WORD);
    if (word === 'None') return { type: 'none' };
    if (word === 'True' || word === 'False') return { type: 'bool', value: word === 'True' };
    this.at = start;
    throw this.refusal();
  }

  private blank(): void {
    this.match(this.brackets > 0 ? BLANK_IN_BRACKETS : BLANK);
  }

  private take(symbol: string): boolean {
    this.blank();
    if (!this.text.startsWith(symbol, this.at)) return false;
    this.at += symbol.length;
    return true;
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  private refusal(): TkError {
    const found = this.text.slice(this.at, this.at + 20).split('\n')[0];
    const where = found ? `at "${found}"` : 'at its end';
    return badInput(
      'bad-literal',
      `Expression "${this.shown}" is not a valid Python literal (${where})`,
      'write numbers, strings, bytes, lists, tuples, True, False, None; no calls, no names',
    );
  }
}

const SINGLE: Record<string, string> = {
  ...{ '\\': '\\', "'": "'", '"': '"', a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' },
  '\n': '',
};

/** Escapes replaced; undefined where one is malformed, or names a character by its Unicode name. */
function unescaped(body: string, isBytes: boolean): string | undefined {
  let failed = false;
  const escapes = isBytes
    ? /\\(?:([0-7]{1,3})|x([\da-fA-F]{2})?|([\s\S]))/g
    : /\\(?:([0-7]{1,3})|x([\da-fA-F]{2})?|u([\da-fA-F]{4})?|U([\da-fA-F]{8})?|([\s\S]))/g;
  const text = body.replace(escapes, (whole, octal?: string, ...rest: unknown[]) => {
    const groups = rest.slice(0, isBytes ? 2 : 4) as (string | undefined)[];
    if (octal !== undefined) {
      const code = Number.parseInt(octal, 8);
      return String.fromCharCode(isBytes ? code & 0xff : code);
    }
    const other = groups.pop();
    const hex = groups.find((group) => group !== undefined);
    if (hex !== undefined && Number.parseInt(hex, 16) <= 0x10ffff) {
      return String.fromCodePoint(Number.parseInt(hex, 16));
    }
    if (other === undefined || (other === 'N' && !isBytes)) failed = true;
    return SINGLE[other ?? ''] ?? whole;
  });
  return failed ? undefined : text;
}
