// Python's order of a protobuf map; the expected lists are what `list(struct_pb2.Struct().fields)` gave in Python with
// protobuf 4.25.5 after parsing a message with these keys in this order.
import { describe, expect, it } from 'vitest';
import { pythonMapOrder } from '../../../src/formats/protobuf/map-order.ts';

describe('pythonMapOrder', () => {
  it('five keys in the first table of eight slots', () => {
    const keys = [0, 1, 2, 3, 4].map((index) => `feature_${index}`);
    expect(pythonMapOrder(keys)).toEqual(['feature_4', 'feature_2', 'feature_3', 'feature_0', 'feature_1']);
  });

  it('keys of every length class, in a table that has grown twice', () => {
    const lengths = [0, 1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 31, 63, 64, 65, 128, 200];
    const keys = lengths.map((length) => 'é'.repeat(length >> 1) + 'x'.repeat(length & 1));
    expect(pythonMapOrder(keys).map((key) => keys.indexOf(key))).toEqual([
      6, 14, 2, 5, 10, 11, 15, 12, 0, 16, 4, 1, 13, 8, 7, 3, 9,
    ]);
  });
});
