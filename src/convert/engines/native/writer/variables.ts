// Weights as resource variables, with the save and restore subgraph that loaders run.
import protobuf from 'protobufjs/minimal.js';
import type { Names } from '../../../../formats/savedmodel/names.ts';
import { eager, type LazyTensor } from '../lazy.ts';
import { type ConstNode, constDef, type NodeDef, nodeDef } from './nodes.ts';

export interface Variable {
  /** Name of the VarHandleOp, and key in the checkpoint. */
  name: string;
  payload: LazyTensor;
  /** What the checkpoint holds of it: the payload itself, or the same in another dtype. */
  stored: LazyTensor;
}

/** The node that reads a variable; TensorFlow looks for it under exactly this name. */
export function readName(variable: Variable): string {
  return `${variable.name}/Read/ReadVariableOp`;
}

/** Handle and read of one variable. */
export function variableNodes(variable: Variable): NodeDef[] {
  const { name, payload } = variable;
  const { dtype, shape } = payload;
  return [
    nodeDef(name, 'VarHandleOp', [], { container: '', shared_name: name, dtype, shape }),
    nodeDef(readName(variable), 'ReadVariableOp', [name], { dtype }),
  ];
}

/** The same as a constant: what is stored in another dtype is cast whenever the model runs. */
export function frozenNodes({ name, payload, stored }: Variable, names: Names): (NodeDef | ConstNode)[] {
  if (stored.dtype === payload.dtype) return [{ name, payload: stored }];
  const half = names.fresh(`${name}/${stored.dtype}`);
  const attrs = { SrcT: stored.dtype, DstT: payload.dtype };
  return [{ name: half, payload: stored }, nodeDef(name, 'Cast', [half], attrs)];
}

export interface Saver {
  nodes: NodeDef[];
  filename: string;
  saveTensor: string;
  restoreOp: string;
  /** VariableDef messages for the `variables` collection, without which TensorFlow 2 shares variables by name. */
  collection: Uint8Array[];
}

/**
 * The saver of a model's variables: SaveV2 and RestoreV2 over one file name, and an assignment for each. What is stored in
 * another dtype is cast on its way, once, when the model is loaded.
 */
export function saver(variables: readonly Variable[], names: Names): Saver {
  const scope = names.fresh('save');
  const at = (name: string) => names.fresh(`${scope}/${name}`);
  const filename = at('Const');
  const tensorNames = at('tensor_names');
  const slices = at('shape_and_slices');
  const save = at('SaveV2');
  const control = at('control_dependency');
  const restore = at('RestoreV2');
  const assigns = variables.map(() => at('Assign'));
  const restoreAll = at('restore_all');
  const dtypes = variables.map(({ stored }) => stored.dtype);
  const casts: NodeDef[] = [];
  const cast = (source: string, wish: string, from: LazyTensor, to: LazyTensor): string => {
    if (from.dtype === to.dtype) return source;
    const name = at(wish);
    casts.push(nodeDef(name, 'Cast', [source], { SrcT: from.dtype, DstT: to.dtype }));
    return name;
  };
  const saved = variables.map((each) => cast(readName(each), 'Store', each.payload, each.stored));
  const restored = variables.map((each, index) =>
    cast(output(restore, index), 'Cast', each.stored, each.payload),
  );
  const strings = (values: string[]) => eager('string', [values.length], values);
  const nodes = [
    constDef(filename, eager('string', [], ['model'])),
    constDef(tensorNames, strings(variables.map(({ name }) => name))),
    constDef(slices, strings(variables.map(() => ''))),
    nodeDef(save, 'SaveV2', [filename, tensorNames, slices, ...saved], { dtypes }),
    nodeDef(control, 'Identity', [filename, `^${save}`], { T: 'string' }),
    nodeDef(restore, 'RestoreV2', [filename, tensorNames, slices], { dtypes }),
    ...casts,
    ...variables.map((variable, index) =>
      nodeDef(assigns[index]!, 'AssignVariableOp', [variable.name, restored[index]!], {
        dtype: variable.payload.dtype,
        validate_shape: false,
      }),
    ),
    nodeDef(
      restoreAll,
      'NoOp',
      assigns.map((name) => `^${name}`),
      {},
    ),
  ];
  return {
    nodes,
    filename: `${filename}:0`,
    saveTensor: `${control}:0`,
    restoreOp: restoreAll,
    collection: variables.map((variable, index) => variableDef(variable, assigns[index]!, restored[index]!)),
  };
}

function output(node: string, index: number): string {
  return index === 0 ? node : `${node}:${index}`;
}

/** VariableDef of framework/variable.proto: 1 name, 2 initializer, 3 snapshot, 5 is_resource, 6 initial value, 7 trainable. */
function variableDef(variable: Variable, assign: string, initial: string): Uint8Array {
  return protobuf.Writer.create()
    .uint32(0x0a)
    .string(`${variable.name}:0`)
    .uint32(0x12)
    .string(assign)
    .uint32(0x1a)
    .string(`${readName(variable)}:0`)
    .uint32(0x28)
    .bool(true)
    .uint32(0x32)
    .string(initial.includes(':') ? initial : `${initial}:0`)
    .uint32(0x38)
    .bool(true)
    .finish();
}
