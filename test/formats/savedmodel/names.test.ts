import { describe, expect, test } from 'vitest';
import { createNames, isLegalName } from '../../../src/formats/savedmodel/names.ts';

describe('names', () => {
  test('that TensorFlow allows stay as they are', () => {
    const legal = ['image', '317', 'a/b.c_d', '.x', 'a->b', 'Conv_317'];
    const names = createNames(legal);
    expect(legal.map((name) => names.of(name))).toEqual(legal);
    expect(names.changed()).toEqual([]);
  });

  test('that it forbids lose their illegal start and get underscores', () => {
    const forbidden = ['/l/l.1/Add_output_0', 'onnx::Conv_317', 'größe', 'a>_b', 'a\\b>', '?', ''];
    const names = createNames(['/gone', ...forbidden]);
    // What is never asked for, such as a tensor that was folded away, is no changed name.
    for (const name of forbidden) names.of(name);
    expect(names.changed()).toEqual([
      { onnx: '/l/l.1/Add_output_0', tensorflow: 'l/l.1/Add_output_0' },
      { onnx: 'onnx::Conv_317', tensorflow: 'onnx__Conv_317' },
      { onnx: 'größe', tensorflow: 'gr__e' },
      { onnx: 'a>_b', tensorflow: 'a__b' },
      { onnx: 'a\\b>', tensorflow: 'a_b_' },
      { onnx: '?', tensorflow: 'tensor' },
      { onnx: '', tensorflow: 'tensor_1' },
    ]);
  });

  test('never collide, and a legal name is never the one that gives way', () => {
    const names = createNames(['/a', ':a', 'a', '_a', 'a_1']);
    const given = ['/a', ':a', 'a', '_a', 'a_1'].map((name) => names.of(name));
    expect(given).toEqual(['a_2', 'a_3', 'a', 'a_4', 'a_1']);
    expect(given.every(isLegalName)).toBe(true);
    expect(names.fresh('a')).toBe('a_5');
  });

  test('of a weight stay with the first that is stored of it', () => {
    const names = createNames(['x', 'onnx::Conv_317']);
    expect(['onnx::Conv_317', 'onnx::Conv_317', 'x/perm'].map((name) => names.weight(name))).toEqual([
      'onnx__Conv_317',
      'onnx__Conv_317_1',
      'x/perm',
    ]);
    expect(names.changed()).toEqual([{ onnx: 'onnx::Conv_317', tensorflow: 'onnx__Conv_317' }]);
  });
});
