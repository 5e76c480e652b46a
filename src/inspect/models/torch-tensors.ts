// Tensors in PyTorch's pickles: names, dtypes and shapes from the records of their rebuilding, never by doing it.
import type { PickleValue } from '../../formats/pickle/value.ts';
import { type StoredTensor, stored } from './report.ts';

const STORAGES: Record<string, string> = {
  Float: 'float32',
  Double: 'float64',
  Half: 'float16',
  BFloat16: 'bfloat16',
  Long: 'int64',
  Int: 'int32',
  Short: 'int16',
  Char: 'int8',
  Byte: 'uint8',
  Bool: 'bool',
  ComplexFloat: 'complex64',
  ComplexDouble: 'complex128',
};

const MAX_DEPTH = 100;

/** All tensors of a pickle's value, named by their path, each object once. */
export function tensorsOf(root: PickleValue): StoredTensor[] {
  const found: StoredTensor[] = [];
  const visited = new Set<PickleValue>();
  const visit = (value: PickleValue, path: string[]): void => {
    if (path.length > MAX_DEPTH) return;
    const tensor = tensorOf(value, path.join('.'));
    if (tensor) found.push(tensor);
    if (tensor || value.type === 'literal' || value.type === 'global' || visited.has(value)) return;
    visited.add(value);
    for (const [key, inner] of children(value)) visit(inner, key === '' ? path : [...path, key]);
  };
  visit(root, []);
  return found;
}

/** What a value holds, with the names that a path gets; a module's own dicts of parts add none. */
function children(value: PickleValue): [string, PickleValue][] {
  switch (value.type) {
    case 'list':
      return value.items.map((item, index) => [String(index), item]);
    case 'dict':
      return value.entries.map(([key, inner]) => [partName(keyOf(key)), inner]);
    case 'call':
      return [
        ...value.items.map(([key, inner]): [string, PickleValue] => [partName(keyOf(key)), inner]),
        ...(value.state ? [['', value.state] as [string, PickleValue]] : []),
        ...(isContainer(value.callee) ? [['', value.args] as [string, PickleValue]] : []),
      ];
    default:
      return [];
  }
}

function partName(key: string): string {
  return ['_parameters', '_buffers', '_modules'].includes(key) ? '' : key;
}

function isContainer(callee: PickleValue): boolean {
  return callee.type === 'global' && callee.name === 'collections.OrderedDict';
}

function keyOf(value: PickleValue): string {
  return value.type === 'literal' ? String(value.value) : value.type;
}

function tensorOf(value: PickleValue, name: string): StoredTensor | undefined {
  if (value.type !== 'call' || value.callee.type !== 'global' || value.args.type !== 'list') return undefined;
  const [first, second, third] = value.args.items;
  const callee = value.callee.name;
  if (/^torch\._utils\._rebuild_parameter/.test(callee) && first) return tensorOf(first, name);
  if (callee === 'torch._tensor._rebuild_from_type_v2' && second) {
    const inner: PickleValue | undefined = third && { type: 'call', callee: second, args: third, items: [] };
    return inner && tensorOf(inner, name);
  }
  if (!/^torch\._utils\._rebuild_(tensor|qtensor)/.test(callee)) return undefined;
  const size = value.args.items[2];
  const dtype = first?.type === 'persistent' ? dtypeOf(first.id) : undefined;
  if (!dtype || size?.type !== 'list') return undefined;
  const shape = size.items.map((each) => (each.type === 'literal' ? Number(each.value) : Number.NaN));
  return shape.every((each) => Number.isSafeInteger(each) && each >= 0)
    ? stored(name, dtype, shape)
    : undefined;
}

/** `('storage', torch.FloatStorage, key, location, numel)` → float32. */
function dtypeOf(id: PickleValue): string | undefined {
  const storage = id.type === 'list' ? id.items[1] : undefined;
  if (storage?.type !== 'global') return undefined;
  const name = /\.(\w+)Storage$/.exec(storage.name)?.[1];
  return name === undefined ? storage.name.replace(/^torch\./, '') : (STORAGES[name] ?? name);
}

/** Modules and functions of the pickle that loading it would import, beside those of every state dict. */
export function foreignGlobals(globals: string[]): string[] {
  return globals.filter((name) => !/^(torch\.|collections\.OrderedDict$|__torch__\.)/.test(name));
}
