// `tk inspect --graph` as a function of the library: a picture of a model's graph.
import { basename } from 'node:path';
import type { ModelReport } from '../models/report.ts';
import { bytesText, FORMAT_NAMES } from '../models/text.ts';
import type { InspectReport } from '../report.ts';
import type { ModelGraph } from './model-graph.ts';
import { pictureOf } from './picture.ts';
import { readGraph } from './read.ts';
import type { TensorflowChoice } from './readers/saved-model.ts';
import { pictureKind, writePicture } from './write.ts';

export interface GraphResult {
  file: string;
  kind: 'svg' | 'html';
  nodes: number;
  links: number;
  notes: string[];
}

/**
 * Draws the graph of the model that a report describes, as a still picture (.svg) or a page (.html). Reads no weights.
 * @param path where to; its ending says which. A file of that name is replaced.
 * @throws TkError (exit 2) `usage`, `no-graph`, `too-large`, `unwritable`, or what is damaged and where
 */
export async function drawGraph(
  report: InspectReport | ModelReport,
  path: string,
  choice: TensorflowChoice = {},
): Promise<GraphResult> {
  const kind = pictureKind(path);
  const graph = await readGraph(report, choice);
  const picture = pictureOf(graph, titleOf(report), factsOf(report, graph));
  const text =
    kind === 'svg'
      ? await (await import('./svg.ts')).svgDocument(picture)
      : await (await import('./html.ts')).htmlDocument(picture);
  writePicture(path, text);
  return { file: path, kind, nodes: graph.nodes.length, links: linkCount(graph), notes: picture.notes };
}

function linkCount({ nodes }: ModelGraph): number {
  return nodes.reduce((sum, { inputs }) => sum + inputs.filter(({ from }) => from !== null).length, 0);
}

/** The last parts of the path that say which model it is: of names that many models have, the folder too. */
function titleOf({ file, format }: InspectReport | ModelReport): string {
  const parts = file.split(/[\\/]/).filter((part) => part !== '' && part !== '.');
  if (format === 'saved-model') return parts.slice(-3, -1).join('/') || basename(file);
  return /^model\./.test(basename(file)) ? parts.slice(-2).join('/') : basename(file);
}

function factsOf(report: InspectReport | ModelReport, graph: ModelGraph): [string, string][] {
  const nodes = graph.nodes.length.toLocaleString('en-US');
  const counts: [string, string] = [
    'graph',
    `${nodes} nodes, ${linkCount(graph).toLocaleString('en-US')} links`,
  ];
  if (report.format === 'saved-model') {
    const tags = report.metaGraphs.map((metaGraph) => metaGraph.tags.join(',')).join('; ');
    const version = report.metaGraphs[0]?.tensorflowVersion;
    return [
      ['format', FORMAT_NAMES[report.format]],
      ...(tags ? [['tag-set', tags] as [string, string]] : []),
      ...(version ? [['TensorFlow', version] as [string, string]] : []),
      counts,
    ];
  }
  const { parameters, parameterBytes } = report;
  const weights =
    parameters === null || parameters === 0
      ? []
      : [
          ['parameters', `${parameters.toLocaleString('en-US')} (${bytesText(parameterBytes ?? 0)})`] as [
            string,
            string,
          ],
        ];
  const versions = Object.entries(report.versions).map(([name, value]): [string, string] => [
    name,
    String(value),
  ]);
  return [['format', FORMAT_NAMES[report.format]], ...versions, ...weights, counts];
}
