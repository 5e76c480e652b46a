// Sequences, as TensorFlow's lists of tensors. Where the elements are known at conversion, they are used as they are.
import { dtypeOfCode } from '../../../../formats/onnx/tensor.ts';
import type { DType } from '../../../../formats/tensor.ts';
import { cast, dimension, ints, knownNumbers, op, outputsOf, scalar, transpose } from '../builder.ts';
import type { Shape, TfTensor } from '../graph.ts';
import {
  elementOf,
  emptyList,
  lengthOf,
  listOf,
  placeIn,
  pushed,
  sequenceOf,
  stacked,
  unstacked,
} from '../lists.ts';
import { Refusal } from '../refusal.ts';
import { rounds } from '../rounds.ts';
import { axesOf, withNumber } from './common.ts';
import { axisOf, type Call, entry, graphAttr, input, intAttr, type Lower, rankOf } from './entry.ts';

type B = Call['b'];

/** Longer sequences are made at run time. */
const MAX_PARTS = 1024;

const empty: Lower = (call) => emptyList(call.b, dtypeOfCode(intAttr(call, 'dtype', 1)) as DType);

const construct: Lower = (call) => {
  const elements = call.inputs.map((_, at) => input(call, at));
  return listOf(call.b, input(call, 0).dtype, elements);
};

/** A place known at conversion, from the start; undefined of any other. */
function knownPlace(at: TfTensor, length: number): number | undefined {
  const [known] = knownNumbers(at) ?? [];
  return known === undefined ? undefined : known < 0 ? known + length : known;
}

const elementAt: Lower = (call) => {
  const { b } = call;
  const [list, at] = [input(call, 0), input(call, 1)];
  const { elements } = sequenceOf(list);
  const place = elements && knownPlace(at, elements.length);
  if (place !== undefined) {
    const element = elements![place];
    if (!element) throw new Refusal(`element ${place} of a sequence of ${elements!.length}`);
    return op(b, 'Identity', [element]);
  }
  return elementOf(b, list, placeIn(b, at, lengthOf(b, list)));
};

const length: Lower = (call) => cast(call.b, lengthOf(call.b, input(call, 0)), 'int64');

const insert: Lower = (call) => {
  const { b } = call;
  const [list, element, at] = [input(call, 0), input(call, 1), call.inputs[2]];
  if (!at) return pushed(b, list, element);
  const { elements, dtype } = sequenceOf(list);
  const place = elements && knownPlace(at, elements.length);
  if (place !== undefined) return listOf(b, dtype, elements!.toSpliced(place, 0, element));
  const count = lengthOf(b, list);
  const index = placeIn(b, at, count);
  const head = copied(b, list, emptyList(b, dtype), scalar(b, 'int32', 0), index);
  return copied(b, list, pushed(b, head, element), index, count);
};

const erase: Lower = (call) => {
  const { b } = call;
  const [list, at] = [input(call, 0), call.inputs[1] ?? scalar(call.b, 'int64', -1)];
  const { elements, dtype } = sequenceOf(list);
  const place = elements && knownPlace(at, elements.length);
  if (place !== undefined) return listOf(b, dtype, elements!.toSpliced(place, 1));
  const count = lengthOf(b, list);
  const index = placeIn(b, at, count);
  const head = copied(b, list, emptyList(b, dtype), scalar(b, 'int32', 0), index);
  return copied(b, list, head, withNumber(b, 'AddV2', index, 1), count);
};

/** `onto` with the elements of `list` from one place until before another. */
function copied(b: B, list: TfTensor, onto: TfTensor, from: TfTensor, until: TfTensor): TfTensor {
  const [result] = rounds(b, {
    limit: op(b, 'Sub', [until, from]),
    states: [onto],
    round: (inner, { at, states: [target] }, capture) => {
      const place = op(inner, 'AddV2', [capture(from), at]);
      return { states: [pushed(inner, target!, elementOf(inner, capture(list), place))], outputs: [] };
    },
  });
  return result!;
}

const split: Lower = (call) => {
  const { b } = call;
  const x = input(call, 0);
  const axis = axisOf(intAttr(call, 'axis', 0), rankOf(x));
  const sizes = call.inputs[1];
  if (!sizes) return single(b, x, axis, intAttr(call, 'keepdims', 1) === 1);
  const parts = knownParts(sizes, x.shape![axis]);
  if (parts) {
    const list = ints(b, parts);
    return listOf(b, x.dtype, splitInto(b, x, list, axis, parts.length));
  }
  return splitAtRunTime(b, x, sizes, axis);
};

function splitInto(b: B, x: TfTensor, sizes: TfTensor, axis: number, count: number): TfTensor[] {
  return outputsOf(b, 'SplitV', [x, sizes, scalar(b, 'int32', axis)], { num_split: count });
}

/** The sizes of the parts where they are known; one number stands for parts of that size, and a smaller last one. */
function knownParts(sizes: TfTensor, whole: number | string | null | undefined): number[] | undefined {
  const known = knownNumbers(sizes);
  if (!known || sizes.shape?.length !== 0) return known && known.length > 0 ? known : undefined;
  const [size] = known as [number];
  if (size <= 0) throw new Refusal(`parts of size ${size}`);
  if (typeof whole !== 'number' || whole / size > MAX_PARTS) return undefined;
  return Array.from({ length: Math.ceil(whole / size) }, (_, at) => Math.min(size, whole - at * size));
}

/** Slices of size 1, whose axis stays or goes. */
function single(b: B, x: TfTensor, axis: number, keep: boolean): TfTensor {
  const size = x.shape![axis];
  if (typeof size === 'number' && size > 0 && size <= MAX_PARTS) {
    const list = keep
      ? outputsOf(b, 'Split', [scalar(b, 'int32', axis), x], { num_split: size })
      : outputsOf(b, 'Unpack', [x], { axis, num: size });
    return listOf(b, x.dtype, list);
  }
  const rest = axesOf(x.shape!.length).filter((each) => each !== axis);
  const front = transpose(b, x, [axis, ...rest]);
  return unstacked(b, keep ? op(b, 'ExpandDims', [front, scalar(b, 'int32', axis + 1)]) : front);
}

function splitAtRunTime(b: B, x: TfTensor, sizes: TfTensor, axis: number): TfTensor {
  const each = cast(b, sizes, 'int32');
  const one = scalar(b, 'int32', 1);
  const whole = dimension(b, x, axis);
  const equal = rankOf(sizes, 'its split') === 0;
  const count = equal
    ? op(b, 'FloorDiv', [op(b, 'Sub', [op(b, 'AddV2', [whole, each]), one]), each])
    : dimension(b, sizes, 0);
  const [list] = rounds(b, {
    limit: count,
    states: [emptyList(b, x.dtype), scalar(b, 'int32', 0)],
    round: (inner, { at, states: [target, from] }, capture) => {
      const left = op(inner, 'Sub', [capture(whole), from!]);
      const size = equal
        ? op(inner, 'Minimum', [capture(each), left])
        : op(inner, 'GatherV2', [capture(each), at, scalar(inner, 'int32', 0)]);
      const part = sliceOf(inner, capture(x), axis, from!, size);
      return { states: [pushed(inner, target!, part), op(inner, 'AddV2', [from!, size])], outputs: [] };
    },
  });
  return list!;
}

function sliceOf(b: B, x: TfTensor, axis: number, from: TfTensor, size: TfTensor): TfTensor {
  const along = (value: TfTensor, other: number) =>
    op(
      b,
      'Pack',
      axesOf(rankOf(x)).map((each) => (each === axis ? value : scalar(b, 'int32', other))),
      { axis: 0 },
    );
  const part = op(b, 'Slice', [x, along(from, 0), along(size, -1)]);
  part.shape = x.shape!.map((dim, at) => (at === axis ? null : dim));
  return part;
}

const concat: Lower = (call) => {
  const { b } = call;
  const list = input(call, 0);
  const { elements, shape } = sequenceOf(list);
  const fresh = intAttr(call, 'new_axis', 0) === 1;
  const axis = call.node.attributes.get('axis')?.i;
  if (axis === undefined) throw new Refusal('its attribute axis is missing');
  if (!shape) throw new Refusal('elements of unknown rank');
  const place = axisOf(Number(axis), shape.length + (fresh ? 1 : 0));
  if (fresh) {
    const y = stacked(b, list);
    const rest = axesOf(shape.length + 1).slice(1);
    return transpose(b, y, [...rest.slice(0, place), 0, ...rest.slice(place)]);
  }
  if (elements) return op(b, 'ConcatV2', [...elements, scalar(b, 'int32', place)]);
  return concatAtRunTime(b, list, shape, place);
};

/** One element after the other; the first must be there. */
function concatAtRunTime(b: B, list: TfTensor, shape: Shape, axis: number): TfTensor {
  const first = elementOf(b, list, scalar(b, 'int32', 0));
  first.shape = shape!.map((dim, at) => (at === axis ? null : dim));
  const [result] = rounds(b, {
    limit: withNumber(b, 'Sub', lengthOf(b, list), 1),
    states: [first],
    round: (inner, { at, states: [sum] }, capture) => {
      const next = elementOf(inner, capture(list), withNumber(inner, 'AddV2', at, 1));
      return { states: [op(inner, 'ConcatV2', [sum!, next, scalar(inner, 'int32', axis)])], outputs: [] };
    },
  });
  return result!;
}

/** The body for each element; a tensor among the inputs is the same for all. */
const map: Lower = (call) => {
  const { b } = call;
  const body = graphAttr(call, 'body');
  const inputs = call.inputs.map((_, at) => input(call, at));
  const first = input(call, 0);
  const { elements } = sequenceOf(first);
  if (inputs.every((each) => !each.sequence || each.sequence.elements) && elements && elements.length > 0) {
    const made = elements.map((_, at) =>
      call.subgraph(
        body,
        inputs.map((each) => each.sequence?.elements?.[at] ?? each),
      ),
    );
    return made[0]!.map((each, which) =>
      listOf(
        b,
        each.dtype,
        made.map((row) => row[which]!),
      ),
    );
  }
  // A first making, of no use but to tell how many lists there will be, and of what.
  const kinds = typesOf(call, inputs);
  return rounds(b, {
    limit: lengthOf(b, first),
    states: kinds.map((dtype) => emptyList(b, dtype)),
    round: (inner, { at, states }, capture) => {
      const given = inputs.map((each) =>
        each.sequence ? elementOf(inner, capture(each), at) : capture(each),
      );
      const made = call.subgraph(body, given, { b: inner, capture });
      return { states: made.map((each, which) => pushed(inner, states[which]!, each)), outputs: [] };
    },
  });
};

function typesOf(call: Call, inputs: readonly TfTensor[]): DType[] {
  const from = call.b.nodes.length;
  const zero = scalar(call.b, 'int32', 0);
  const made = call.subgraph(
    graphAttr(call, 'body'),
    inputs.map((each) => (each.sequence ? elementOf(call.b, each, zero) : each)),
  );
  call.b.nodes.length = from;
  return made.map(({ dtype }) => dtype);
}

export const entries = [
  entry('SequenceEmpty', { 11: empty }),
  entry('SequenceConstruct', { 11: construct }),
  entry('SequenceAt', { 11: elementAt }),
  entry('SequenceLength', { 11: length }),
  entry('SequenceInsert', { 11: insert }),
  entry('SequenceErase', { 11: erase }),
  entry('SplitToSequence', { 11: split }),
  entry('ConcatFromSequence', { 11: concat }),
  entry('SequenceMap', { 17: map }),
];
