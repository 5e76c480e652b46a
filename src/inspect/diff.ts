// What a client would notice between two models of any formats: inputs and outputs, then ops and parameters.
import { pythonTypeName } from '../formats/savedmodel/dtypes.ts';
import type { Dimension, ModelReport, OpCount } from './models/report.ts';
import { type InspectReport, REPORT_SCHEMA_VERSION } from './report.ts';

export interface Change {
  /** `inputs` or `outputs`, in a SavedModel with its signature: `serving_default inputs`. */
  where: string;
  kind: 'added' | 'removed' | 'renamed' | 'dtype' | 'shape';
  name: string;
  from: string | null;
  to: string | null;
}

export interface DiffReport {
  schemaVersion: typeof REPORT_SCHEMA_VERSION;
  format: 'diff';
  a: { file: string; format: string };
  b: { file: string; format: string };
  /** Whether inputs or outputs differ. */
  contractBroken: boolean;
  changes: Change[];
  ops: { op: string; from: number; to: number }[];
  /** null where a file does not tell. */
  parameters: { from: number | null; to: number | null };
}

interface Port {
  name: string;
  dtype: string | null;
  shape: Dimension[] | null;
}

/** Ports by place. */
type Contract = Map<string, Port[]>;

/** Compares two reports; what a file does not tell (an unknown dtype, TorchScript's shapes) is no difference. */
export function diffReports(
  a: InspectReport | ModelReport,
  b: InspectReport | ModelReport,
  parameters: DiffReport['parameters'],
): DiffReport {
  const [left, right] = aligned(contractOf(a), contractOf(b));
  const places = [...new Set([...left.keys(), ...right.keys()])];
  const changes = places.flatMap((where) =>
    portChanges(where, left.get(where) ?? [], right.get(where) ?? []),
  );
  return {
    schemaVersion: REPORT_SCHEMA_VERSION,
    format: 'diff',
    a: { file: a.file, format: a.format },
    b: { file: b.file, format: b.format },
    contractBroken: changes.length > 0,
    changes,
    ops: opChanges(opsOf(a), opsOf(b)),
    parameters,
  };
}

function contractOf(report: InspectReport | ModelReport): Contract {
  if (report.format !== 'saved-model') {
    return new Map([
      ['inputs', report.inputs],
      ['outputs', report.outputs],
    ]);
  }
  const contract: Contract = new Map();
  const several = report.metaGraphs.length > 1;
  for (const { tags, signatures } of report.metaGraphs) {
    for (const { key, inputs, outputs } of signatures) {
      if (key.startsWith('__saved_model')) continue;
      const label = several ? `${tags.join(',')}/${key}` : key;
      for (const [side, tensors] of [
        ['inputs', inputs],
        ['outputs', outputs],
      ] as const) {
        const ports = tensors.map((tensor): Port => {
          const sizes = tensor.shape?.map((size) => (Number(size) < 0 ? null : Number(size)));
          return { name: tensor.key, dtype: pythonTypeName(tensor.dtype), shape: sizes ?? null };
        });
        contract.set(`${label} ${side}`, ports);
      }
    }
  }
  return contract;
}

/** A SavedModel's serving signature stands against the one contract of another format. */
function aligned(a: Contract, b: Contract): [Contract, Contract] {
  if (a.has('inputs') === b.has('inputs')) return [a, b];
  return a.has('inputs') ? [a, servingOnly(b)] : [servingOnly(a), b];
}

function servingOnly(contract: Contract): Contract {
  const keys = [...contract.keys()].filter((key) => key.endsWith(' inputs'));
  const chosen = keys.find((key) => key.includes('serving_default')) ?? keys[0] ?? ' inputs';
  const label = chosen.slice(0, -' inputs'.length);
  return new Map([
    ['inputs', contract.get(`${label} inputs`) ?? []],
    ['outputs', contract.get(`${label} outputs`) ?? []],
  ]);
}

function portChanges(where: string, before: Port[], after: Port[]): Change[] {
  const gone = before.filter(({ name }) => !after.some((port) => port.name === name));
  const fresh = after.filter(({ name }) => !before.some((port) => port.name === name));
  const changes: Change[] = [];
  for (const port of before) {
    const same = after.find(({ name }) => name === port.name);
    if (same) changes.push(...typeChanges(where, port, same));
  }
  for (const port of gone) {
    // What keeps its dtype and shape, and alone does, has another name.
    const twins = fresh.filter((other) => isSameType(port, other));
    const rivals = gone.filter((other) => isSameType(port, other));
    const [twin] = twins;
    if (twin && twins.length === 1 && rivals.length === 1) {
      fresh.splice(fresh.indexOf(twin), 1);
      changes.push({ where, kind: 'renamed', name: port.name, from: port.name, to: twin.name });
    } else changes.push({ where, kind: 'removed', name: port.name, from: typeText(port), to: null });
  }
  for (const port of fresh)
    changes.push({ where, kind: 'added', name: port.name, from: null, to: typeText(port) });
  return changes;
}

function typeChanges(where: string, before: Port, after: Port): Change[] {
  const changes: Change[] = [];
  const { name } = before;
  if (before.dtype !== null && after.dtype !== null && before.dtype !== after.dtype) {
    changes.push({ where, kind: 'dtype', name, from: before.dtype, to: after.dtype });
  }
  if (before.shape !== null && after.shape !== null && dimensions(before) !== dimensions(after)) {
    changes.push({ where, kind: 'shape', name, from: dimensions(before), to: dimensions(after) });
  }
  return changes;
}

function isSameType(a: Port, b: Port): boolean {
  return typeText(a) === typeText(b);
}

/** Symbols are names that exporters make up: any of them is a free dimension. */
function dimensions({ shape }: Port): string {
  if (shape === null) return '[…]';
  return `[${shape.map((size) => (typeof size === 'number' ? size : '?')).join(',')}]`;
}

function typeText(port: Port): string {
  return `${port.dtype ?? '?'}${dimensions(port)}`;
}

function opsOf(report: InspectReport | ModelReport): OpCount[] {
  if (report.format !== 'saved-model') return report.ops;
  return report.metaGraphs.flatMap(({ ops }) => ops);
}

function opChanges(before: OpCount[], after: OpCount[]): DiffReport['ops'] {
  const total = (ops: OpCount[]) => {
    const counts = new Map<string, number>();
    for (const { op, count } of ops) counts.set(op, (counts.get(op) ?? 0) + count);
    return counts;
  };
  const [left, right] = [total(before), total(after)];
  const names = [...new Set([...left.keys(), ...right.keys()])].sort();
  return names
    .map((op) => ({ op, from: left.get(op) ?? 0, to: right.get(op) ?? 0 }))
    .filter(({ from, to }) => from !== to);
}
