// TensorFlow's graphs (TF1 and TF2) as nodes: calls of library functions are replaced by what the function does, so that
// a TF2 model shows its layers; bodies of control flow stand beside the node that runs them.

import type { tensorflow } from '../../../formats/savedmodel/generated/savedmodel.js';
import { isRegisteredOp, outputCount } from '../../../formats/savedmodel/op-table.ts';
import { checkSize, type GraphNode, graphNode, MAX_NODES, shortText, splitName } from '../model-graph.ts';
import { attributeTexts, type NodeDef, outputTensors, typeName } from './tensorflow-values.ts';

type Graph = tensorflow.GraphDef.$Properties;
type FunctionDef = tensorflow.FunctionDef.$Properties;

/** A call within a call within …: deeper ones stay closed. */
const MAX_CALLS = 32;
/** Steps from a name to the node behind it, through arguments and results of calls. */
const MAX_STEPS = 256;

const CALLS = new Set(['PartitionedCall', 'StatefulPartitionedCall']);
const INPUTS = /^Placeholder/;
const HOLDS_WEIGHTS = /^(Const|HostConst|VarHandleOp|Variable|VariableV2|ImmutableConst)$/;
/** Ops that hand on what they read. */
const HANDS_ON = /^(ReadVariableOp|Identity|Enter|Switch)$/;

/** Names of one graph or body, and where a name leads from it. */
interface Body {
  /** Node by name: its index, or the body of the call that stands for it. */
  names: Map<string, number | Body>;
  /** Of a call's body: the function, what the call reads, and where the call stands. */
  call: { fn: FunctionDef; inputs: string[]; caller: Body } | null;
  /** The node of control flow whose body this is, or is called in. */
  owner: number | null;
}

/** A node and the output of it that a name means. */
export interface Source {
  index: number;
  output: string;
}

export interface TensorflowNodes {
  nodes: GraphNode[];
  notes: string[];
  /** The node behind a tensor's name in the main graph; undefined where there is none. */
  find(tensor: string): Source | undefined;
}

/**
 * Reads a graph's nodes, those of the functions that it calls in the place of the calls.
 * @param prefix scopes to put everything in
 * @throws TkError `too-large`
 */
export function tensorflowNodes(graph: Graph, file: string, prefix: string[] = []): TensorflowNodes {
  return new Assembler(graph, file, prefix).run();
}

class Assembler {
  readonly #graph: Graph;
  readonly #file: string;
  readonly #prefix: string[];
  readonly #functions: Map<string, FunctionDef>;
  readonly #nodes: GraphNode[] = [];
  /** What each node reads, to be resolved when every name is known. */
  readonly #reads: { body: Body; inputs: readonly string[] }[] = [];
  /** Nodes whose one output needs no number. */
  readonly #single = new Set<number>();
  readonly #drawn = new Set<string>();
  #closed = 0;

  constructor(graph: Graph, file: string, prefix: string[]) {
    this.#graph = graph;
    this.#file = file;
    this.#prefix = prefix;
    this.#functions = new Map((graph.library?.function ?? []).map((fn) => [fn.signature?.name ?? '', fn]));
  }

  run(): TensorflowNodes {
    const main: Body = { names: new Map(), call: null, owner: null };
    this.#add(this.#graph.node ?? [], main, this.#prefix, []);
    this.#addUncalled();
    for (const [index, { body, inputs }] of this.#reads.entries()) {
      for (const input of inputs) this.#connect(index, body, input);
    }
    markConstants(this.#nodes);
    return { nodes: this.#nodes, notes: this.#notes(), find: (tensor) => this.#source(main, tensor) };
  }

  #notes(): string[] {
    const uncalled = this.#functions.size - this.#drawn.size;
    return [
      ...(this.#closed > 0
        ? [`${this.#closed} calls are not opened: nested too deeply, or too many nodes`]
        : []),
      ...(uncalled > 0 ? [`${uncalled} functions that the graph does not call are not drawn`] : []),
    ];
  }

  /** Where the graph itself computes nothing, its functions are all there is: those that no other one calls. */
  #addUncalled(): void {
    if (
      this.#drawn.size > 0 ||
      this.#nodes.some(({ op }) => !/^(NoOp|Placeholder|Const|VarHandleOp)/.test(op))
    )
      return;
    const called = new Set(
      [...this.#functions.values()].flatMap((fn) => (fn.nodeDef ?? []).flatMap(namedFunctions)),
    );
    for (const [name, fn] of this.#functions) {
      if (called.has(name) || /^__inference__traced_(save|restore)/.test(name)) continue;
      this.#addBody(fn, [...this.#prefix, name], [name], null);
    }
  }

  #add(nodes: readonly NodeDef[], body: Body, scope: string[], calls: string[]): void {
    for (const node of nodes) {
      const name = node.name ?? '';
      const fn = this.#callee(node, calls);
      if (fn) {
        const inner: Body = {
          names: new Map(),
          call: { fn, inputs: (node.input ?? []).filter((input) => !input.startsWith('^')), caller: body },
          owner: body.owner,
        };
        body.names.set(name, inner);
        const path = splitName(name);
        const called = [...calls, fn.signature?.name ?? ''];
        this.#drawn.add(fn.signature?.name ?? '');
        this.#add(fn.nodeDef ?? [], inner, [...scope, ...path.scope, path.label], called);
      } else {
        body.names.set(name, this.#nodes.length);
        this.#addNode(node, body, scope, calls);
      }
    }
  }

  #addNode(node: NodeDef, body: Body, scope: string[], calls: string[]): void {
    const { scope: own, label } = splitName(node.name ?? '');
    const bodies = namedBodies(node).filter(([, name]) => this.#mayOpen(name, calls));
    const path = bodies.length > 0 ? [...scope, ...own, label] : [...scope, ...own];
    const index = this.#push(
      graphNode({
        op: node.op ?? '',
        kind: INPUTS.test(node.op ?? '') ? 'input' : 'op',
        name: [...scope, node.name ?? ''].join('/'),
        scope: path,
        label,
        attributes: attributeTexts(node),
        outputs: outputTensors(node, node.name ?? ''),
      }),
      body,
      node.input ?? [],
    );
    if (isRegisteredOp(node.op ?? '') && outputCount(node) === 1) this.#single.add(index);
    for (const [attribute, name] of bodies) {
      const fn = this.#functions.get(name)!;
      this.#addBody(fn, [...path, attribute], [...calls, name], index);
    }
  }

  /** A body of control flow, with its arguments and results as nodes. */
  #addBody(fn: FunctionDef, scope: string[], calls: string[], owner: number | null): void {
    this.#drawn.add(fn.signature?.name ?? '');
    const body: Body = { names: new Map(), call: null, owner };
    for (const argument of fn.signature?.inputArg ?? []) {
      const name = argument.name ?? '';
      body.names.set(name, this.#nodes.length);
      const dtype = argument.type ? typeName(argument.type) : null;
      const outputs = dtype === null ? [] : [{ name, dtype, shape: null }];
      const index = this.#push(
        graphNode({ op: 'Arg', kind: 'input', scope, label: name, outputs }),
        body,
        [],
      );
      if (owner === null) continue;
      this.#nodes[index]!.inputs.push({
        tensor: this.#nodes[owner]!.name,
        from: owner,
        control: false,
        stored: null,
      });
    }
    this.#add(fn.nodeDef ?? [], body, scope, calls);
    for (const [name, tensor] of Object.entries(fn.ret ?? {})) {
      this.#push(graphNode({ op: 'Return', kind: 'output', scope, label: name }), body, [tensor]);
    }
  }

  #push(node: GraphNode, body: Body, inputs: readonly string[]): number {
    checkSize(this.#file, this.#nodes.length + 1);
    this.#nodes.push({ ...node, owner: body.owner });
    this.#reads.push({ body, inputs });
    return this.#nodes.length - 1;
  }

  /** The function that a node does nothing but call. */
  #callee(node: NodeDef, calls: string[]): FunctionDef | undefined {
    const name = calledName(node);
    if (name === undefined || !this.#functions.has(name)) return undefined;
    return this.#mayOpen(name, calls) ? this.#functions.get(name) : undefined;
  }

  #mayOpen(name: string, calls: string[]): boolean {
    const fn = this.#functions.get(name);
    if (!fn) return false;
    const fits = this.#nodes.length + (fn.nodeDef?.length ?? 0) <= MAX_NODES / 2;
    if (fits && calls.length < MAX_CALLS && !calls.includes(name)) return true;
    this.#closed += 1;
    return false;
  }

  #source(body: Body, tensor: string): Source | undefined {
    const source = resolve(body, tensor);
    return source && this.#single.has(source.index) ? { index: source.index, output: '' } : source;
  }

  #connect(index: number, body: Body, input: string): void {
    const control = input.startsWith('^');
    const source = this.#source(body, control ? input.slice(1) : input);
    if (control && !source) return;
    this.#nodes[index]!.inputs.push({
      tensor: shortText(source ? tensorName(this.#nodes[source.index]!.name, source.output) : input),
      from: source?.index ?? null,
      control,
      stored: null,
    });
  }
}

/** The name of a node's output; the first is the node's own. */
export function tensorName(node: string, output: string): string {
  return output === '' || output === '0' ? node : `${node}:${output}`;
}

/** Follows a tensor's name to the node that makes it, out of bodies to what the call reads and into calls' results. */
function resolve(start: Body, tensor: string): Source | undefined {
  let body = start;
  let reference = tensor;
  for (let step = 0; step < MAX_STEPS; step++) {
    const [name, output] = splitReference(reference);
    const found = body.names.get(name);
    if (typeof found === 'number') return { index: found, output };
    if (found?.call) {
      const result = resultOf(found.call.fn, output);
      if (result === undefined) return undefined;
      body = found;
      reference = result;
      continue;
    }
    const place = body.call?.fn.signature?.inputArg?.findIndex((argument) => argument.name === name) ?? -1;
    const outer = body.call?.inputs[place];
    if (!body.call || outer === undefined) return undefined;
    reference = outer;
    body = body.call.caller;
  }
  return undefined;
}

/** `a/b:1` and, within functions, `a/b:output:1` → name and output; without a number the first. */
function splitReference(reference: string): [name: string, output: string] {
  const at = reference.indexOf(':');
  return at < 0 ? [reference, ''] : [reference.slice(0, at), reference.slice(at + 1)];
}

/** The tensor within a function that one of its call's outputs is: `1`, `output:1` or `name:0`. */
function resultOf(fn: FunctionDef, output: string): string | undefined {
  const results = fn.signature?.outputArg ?? [];
  const [head = '', tail] = output.split(':');
  const named = results.find((result) => result.name === head && tail !== undefined && head !== 'output');
  const place = Number(tail ?? (head || '0'));
  const name = named?.name ?? results[place]?.name;
  return name === undefined || name === null ? undefined : fn.ret?.[name];
}

function calledName(node: NodeDef): string | undefined {
  return CALLS.has(node.op ?? '') ? (node.attr?.f?.func?.name ?? undefined) : (node.op ?? undefined);
}

/** Functions that a node's attributes name, with the attribute: branches, bodies, conditions. */
function namedBodies(node: NodeDef): [attribute: string, name: string][] {
  return Object.entries(node.attr ?? {}).flatMap(([attribute, { func, list }]): [string, string][] => [
    ...(func?.name ? [[attribute, func.name] as [string, string]] : []),
    ...(list?.func ?? []).map(({ name }, index): [string, string] => [`${attribute}[${index}]`, name ?? '']),
  ]);
}

function namedFunctions(node: NodeDef): string[] {
  return [node.op ?? '', ...namedBodies(node).map(([, name]) => name)];
}

/** Marks what holds weights, and what only hands them on. */
function markConstants(nodes: GraphNode[]): void {
  const state = new Map<number, boolean>();
  const isConstant = (start: number): boolean => {
    const chain: number[] = [];
    let verdict = false;
    for (let index = start; ; ) {
      const known = state.get(index);
      const node = nodes[index]!;
      if (known !== undefined || chain.includes(index) || chain.length > MAX_STEPS) {
        verdict = known ?? false;
        break;
      }
      chain.push(index);
      if (HOLDS_WEIGHTS.test(node.op)) {
        verdict = true;
        break;
      }
      const [only, second] = node.inputs.filter(({ control }) => !control);
      if (!HANDS_ON.test(node.op) || !only || second || only.from === null) break;
      index = only.from;
    }
    for (const index of chain) state.set(index, verdict);
    return verdict;
  };
  for (const [index, node] of nodes.entries()) if (isConstant(index)) node.kind = 'constant';
}
