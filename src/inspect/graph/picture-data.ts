// What is drawn, as plain data: the page gets it as JSON, so nothing here knows of Node or of a format.

/** `constant` nodes hold or read weights; `input` and `output` are the model's, or those of a body of control flow. */
export type NodeKind = 'op' | 'input' | 'output' | 'constant';

/** The group of what no signature of a SavedModel needs. */
export const OUTSIDE = 'outside the signatures';

/** A group of nodes, or (`node` is not null) a single one. The first box is the whole picture. */
export interface Box {
  /** Index of the box around it; of the first its own. */
  parent: number;
  label: string;
  node: number | null;
  /** Nodes within it. */
  count: number;
  /** Of a group: what is in it, the most frequent first. */
  summary: string;
}

/** One line of a node's details: the tensor, the node at its other end, type and shape. */
export interface PictureTensor {
  tensor: string;
  node: number | null;
  text: string;
  control?: true;
}

export interface PictureNode {
  name: string;
  op: string;
  kind: NodeKind;
  /** The box that shows it: its own, or of a folded constant that of a node that reads it. */
  box: number;
  /** True for a constant that has no box of its own. */
  folded: boolean;
  /** The third line of its box. */
  note: string;
  attributes: [string, string][];
  inputs: PictureTensor[];
  outputs: PictureTensor[];
  signatures: string[];
}

export interface Picture {
  title: string;
  /** What the model is, one fact an entry. */
  facts: [string, string][];
  notes: string[];
  boxes: Box[];
  nodes: PictureNode[];
}
