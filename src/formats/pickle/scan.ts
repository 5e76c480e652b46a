// Reads a pickle as plain data without unpickling: literals, tuples, lists, dicts, persistent ids, and calls as records
// of what would be called. Nothing is imported, called or built, whatever the pickle names.
// Source: CPython's Lib/pickletools.py (opcodes and their arguments, protocols 0 to 5).
import { PickleBytes } from './bytes.ts';
import { literalOf } from './literals.ts';
import type { PickleValue } from './value.ts';

export interface ScannedPickle {
  value: PickleValue;
  /** Every class and function named, sorted. */
  globals: string[];
  /** Offset of the byte after the pickle. */
  end: number;
}

/** Bounds the memory that a hostile pickle can ask for. */
const MAX_VALUES = 4_000_000;
const MARK = Symbol('mark');
const NONE: PickleValue = { type: 'literal', value: null };

/**
 * Scans the pickle that starts at `start`.
 * @throws TkError `bad-pickle` (exit 2) with the byte offset and the opcode
 */
export function scanPickle(bytes: Buffer, where: string, start = 0): ScannedPickle {
  return new Scanner(bytes, where, start).run();
}

class Scanner {
  readonly #bytes: PickleBytes;
  readonly #stack: (PickleValue | typeof MARK)[] = [];
  readonly #memo = new Map<number, PickleValue>();
  readonly #globals = new Set<string>();
  #values = 0;

  constructor(bytes: Buffer, where: string, start: number) {
    this.#bytes = new PickleBytes(bytes, where, start);
  }

  run(): ScannedPickle {
    for (;;) {
      const opcode = this.#bytes.opcode();
      if (opcode === 0x2e) {
        return { value: this.#pop(), globals: [...this.#globals].sort(), end: this.#bytes.at };
      }
      const value = literalOf(opcode, this.#bytes);
      if (value !== undefined) this.#push({ type: 'literal', value });
      else if (!this.#container(opcode) && !this.#memory(opcode)) this.#object(opcode);
    }
  }

  #push(value: PickleValue): true {
    if (++this.#values > MAX_VALUES) throw this.#bytes.fail(`more than ${MAX_VALUES} values`);
    this.#stack.push(value);
    return true;
  }

  #pop(): PickleValue {
    const value = this.#stack.pop();
    if (value === undefined || value === MARK) throw this.#bytes.fail('nothing on the stack to take');
    return value;
  }

  #top(): PickleValue {
    const value = this.#stack.at(-1);
    if (value === undefined || value === MARK) throw this.#bytes.fail('nothing on the stack to change');
    return value;
  }

  #toMark(): PickleValue[] {
    const mark = this.#stack.lastIndexOf(MARK);
    if (mark < 0) throw this.#bytes.fail('no mark on the stack');
    return this.#stack.splice(mark).slice(1) as PickleValue[];
  }

  #container(opcode: number): boolean {
    switch (opcode) {
      case 0x28: // MARK
        this.#stack.push(MARK);
        return true;
      case 0x29: // EMPTY_TUPLE
      case 0x5d: // EMPTY_LIST
      case 0x8f: // EMPTY_SET
        return this.#push({ type: 'list', items: [] });
      case 0x74: // TUPLE
      case 0x6c: // LIST
      case 0x91: // FROZENSET
        return this.#push({ type: 'list', items: this.#toMark() });
      case 0x85: // TUPLE1
      case 0x86: // TUPLE2
      case 0x87: {
        // TUPLE3
        const items: PickleValue[] = [];
        for (let count = opcode - 0x84; count > 0; count--) items.unshift(this.#pop());
        return this.#push({ type: 'list', items });
      }
      case 0x7d: // EMPTY_DICT
        return this.#push({ type: 'dict', entries: [] });
      case 0x64: // DICT
        return this.#push({ type: 'dict', entries: this.#pairs(this.#toMark()) });
      case 0x61: {
        // APPEND
        const item = this.#pop();
        this.#append([item]);
        return true;
      }
      case 0x65: // APPENDS
      case 0x90: // ADDITEMS
        this.#append(this.#toMark());
        return true;
      case 0x73: {
        // SETITEM
        const value = this.#pop();
        const key = this.#pop();
        this.#setItems([key, value]);
        return true;
      }
      case 0x75: // SETITEMS
        this.#setItems(this.#toMark());
        return true;
      default:
        return false;
    }
  }

  #append(items: PickleValue[]): void {
    const target = this.#top();
    if (target.type === 'list') for (const item of items) target.items.push(item);
  }

  #setItems(flat: PickleValue[]): void {
    const target = this.#top();
    const into = target.type === 'dict' ? target.entries : target.type === 'call' ? target.items : undefined;
    if (!into) throw this.#bytes.fail('items set on what is no dict');
    for (const pair of this.#pairs(flat)) into.push(pair);
  }

  #pairs(flat: PickleValue[]): [PickleValue, PickleValue][] {
    if (flat.length % 2 !== 0) throw this.#bytes.fail('a key without a value');
    return Array.from({ length: flat.length / 2 }, (_, pair) => [flat[pair * 2]!, flat[pair * 2 + 1]!]);
  }

  #memory(opcode: number): boolean {
    switch (opcode) {
      case 0x80: // PROTO
        this.#bytes.take(1);
        return true;
      case 0x95: // FRAME
        this.#bytes.take(8);
        return true;
      case 0x30: // POP
        if (this.#stack.pop() === undefined) throw this.#bytes.fail('nothing on the stack to drop');
        return true;
      case 0x31: // POP_MARK
        this.#toMark();
        return true;
      case 0x32: // DUP
        return this.#push(this.#top());
      case 0x70: // PUT
        this.#remember(Number(this.#bytes.line()));
        return true;
      case 0x71: // BINPUT
        this.#remember(this.#bytes.take(1)[0]!);
        return true;
      case 0x72: // LONG_BINPUT
        this.#remember(this.#bytes.take(4).readUInt32LE(0));
        return true;
      case 0x94: // MEMOIZE
        this.#remember(this.#memo.size);
        return true;
      case 0x67: // GET
        return this.#recall(Number(this.#bytes.line()));
      case 0x68: // BINGET
        return this.#recall(this.#bytes.take(1)[0]!);
      case 0x6a: // LONG_BINGET
        return this.#recall(this.#bytes.take(4).readUInt32LE(0));
      default:
        return false;
    }
  }

  #remember(index: number): void {
    this.#memo.set(index, this.#top());
  }

  #recall(index: number): true {
    const value = this.#memo.get(index);
    if (!value) throw this.#bytes.fail(`nothing was remembered as ${index}`);
    return this.#push(value);
  }

  #object(opcode: number): void {
    switch (opcode) {
      case 0x63: // GLOBAL
        this.#global(this.#bytes.line(), this.#bytes.line());
        return;
      case 0x93: {
        // STACK_GLOBAL
        const [name, module] = [this.#pop(), this.#pop()];
        this.#global(textOf(module), textOf(name));
        return;
      }
      case 0x50: // PERSID
        this.#push({ type: 'persistent', id: { type: 'literal', value: this.#bytes.line() } });
        return;
      case 0x51: // BINPERSID
        this.#push({ type: 'persistent', id: this.#pop() });
        return;
      case 0x52: // REDUCE
      case 0x81: {
        // NEWOBJ
        const args = this.#pop();
        this.#push({ type: 'call', callee: this.#pop(), args, items: [] });
        return;
      }
      case 0x92: {
        // NEWOBJ_EX
        const [keywords, args] = [this.#pop(), this.#pop()];
        this.#push({ type: 'call', callee: this.#pop(), args, items: [], state: keywords });
        return;
      }
      case 0x69: {
        // INST
        this.#global(this.#bytes.line(), this.#bytes.line());
        const callee = this.#pop();
        this.#push({ type: 'call', callee, args: { type: 'list', items: this.#toMark() }, items: [] });
        return;
      }
      case 0x6f: {
        // OBJ
        const [callee = NONE, ...items] = this.#toMark();
        this.#push({ type: 'call', callee, args: { type: 'list', items }, items: [] });
        return;
      }
      case 0x62: {
        // BUILD
        const state = this.#pop();
        const target = this.#top();
        if (target.type === 'call') target.state = state;
        return;
      }
      default:
        throw this.#bytes.fail('not an opcode that tk reads');
    }
  }

  #global(module: string, name: string): void {
    const global = `${module}.${name}`;
    this.#globals.add(global);
    this.#push({ type: 'global', name: global });
  }
}

function textOf(value: PickleValue): string {
  return value.type === 'literal' && typeof value.value === 'string' ? value.value : '?';
}
