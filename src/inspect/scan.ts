// Ops of a SavedModel that reach outside it: which MetaGraphs have them, and in which nodes.
import { badInput } from '../errors.ts';
import { isTagSet, type MetaGraph, readSavedModel } from '../formats/savedmodel/read.ts';
import { locateModel, recoverAround } from './locate.ts';
import { usedOps } from './ops.ts';
import { listText, setText } from './text.ts';

/** What is looked for where nothing else is named: saved_model_cli's own list. */
const DEFAULT_DENYLIST: readonly string[] = ['WriteFile', 'ReadFile', 'PrintV2'];

export interface ScanOptions {
  /** Only the MetaGraph with these tags, commas between; without it, or empty, all. */
  tagSet?: string | undefined;
  denylist?: readonly string[] | undefined;
}

export interface ScanReport {
  /** The file that was read. */
  file: string;
  denylist: string[];
  /** In the file's order. */
  metaGraphs: ScannedMetaGraph[];
}

export interface ScannedMetaGraph {
  tags: string[];
  /** Denylisted ops that the graph, or a function that it calls, has. */
  found: FoundOp[];
}

export interface FoundOp {
  op: string;
  /** Where it stands; `function` is null in the graph itself. */
  nodes: { name: string; function: string | null }[];
}

/**
 * Scans a SavedModel for denylisted ops.
 * @param dir the SavedModel's own directory
 * @throws TkError (exit 2) where there is no model, it is damaged, or has no such tag-set
 */
export async function scan(dir: string, options: ScanOptions = {}): Promise<ScanReport> {
  await recoverAround(dir);
  const { file } = locateModel(dir, true);
  const metaGraphs = readSavedModel(file, { nodeNames: true }).metaGraphs ?? [];
  const denylist = [...new Set(options.denylist ?? DEFAULT_DENYLIST)];
  return {
    file,
    denylist,
    metaGraphs: chosen(metaGraphs, options.tagSet, file).map((metaGraph) => scanned(metaGraph, denylist)),
  };
}

/** The text that saved_model_cli prints; the members of its sets are sorted. */
export function scanText({ metaGraphs, denylist }: ScanReport): string {
  return metaGraphs
    .map(({ tags, found }) => {
      const graph = `MetaGraph with tag set ${listText(tags)}`;
      if (found.length === 0) {
        return `${graph} does not contain the default denylisted ops: ${setText(denylist)}\n`;
      }
      return `${graph} contains the following denylisted ops: ${setText(found.map(({ op }) => op))}\n`;
    })
    .join('');
}

/** One line for each node that holds a denylisted op. */
export function foundNodesText({ metaGraphs }: ScanReport): string[] {
  return metaGraphs.flatMap(({ tags, found }) =>
    found.flatMap(({ op, nodes }) =>
      nodes.map((node) => {
        const place = node.function === null ? 'the graph' : `the function ${node.function}`;
        return `${listText(tags)} ${op}: node ${node.name} of ${place}`;
      }),
    ),
  );
}

function chosen(metaGraphs: MetaGraph[], tagSet: string | undefined, file: string): MetaGraph[] {
  if (!tagSet) return metaGraphs;
  const found = metaGraphs.find((metaGraph) => isTagSet(metaGraph.metaInfoDef?.tags ?? [], tagSet));
  if (found) return [found];
  const known = metaGraphs.map((metaGraph) => (metaGraph.metaInfoDef?.tags ?? []).join(',')).join('; ');
  throw badInput('unknown-tag-set', `no tag-set "${tagSet}" in ${file}; choose from: ${known}`);
}

function scanned(metaGraph: MetaGraph, denylist: string[]): ScannedMetaGraph {
  const nodes = new Map<string, FoundOp['nodes']>();
  for (const use of usedOps(metaGraph.graphDef ?? {})) {
    if (!denylist.includes(use.op)) continue;
    const held = nodes.get(use.op) ?? [];
    nodes.set(use.op, held);
    if (use.node) held.push({ name: use.node.name ?? '', function: use.function });
  }
  return {
    tags: metaGraph.metaInfoDef?.tags ?? [],
    found: [...nodes].map(([op, where]) => ({ op, nodes: where })),
  };
}
