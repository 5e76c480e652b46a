// What a pickle holds, as plain data.

export type PickleLiteral = string | number | bigint | boolean | null | Uint8Array;

export type PickleValue =
  | { type: 'literal'; value: PickleLiteral }
  | { type: 'list'; items: PickleValue[] }
  | { type: 'dict'; entries: [PickleValue, PickleValue][] }
  /** A class or function that the pickle names. */
  | { type: 'global'; name: string }
  | { type: 'persistent'; id: PickleValue }
  /** A call or an object: what is called, with what; `state` is what it would be given afterwards. */
  | {
      type: 'call';
      callee: PickleValue;
      args: PickleValue;
      items: [PickleValue, PickleValue][];
      state?: PickleValue;
    };
