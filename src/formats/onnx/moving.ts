// Ops that compute nothing: what they give are elements of what they are given.

/** Ops that only move, repeat or leave out elements of their data inputs. */
export const MOVING: ReadonlySet<string> = new Set([
  ...['Identity', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Transpose', 'Expand', 'Tile'],
  ...['Split', 'Concat', 'Slice', 'Gather', 'GatherElements', 'GatherND', 'Compress', 'ReverseSequence'],
  ...['SpaceToDepth', 'DepthToSpace', 'SplitToSequence', 'SequenceAt'],
]);
