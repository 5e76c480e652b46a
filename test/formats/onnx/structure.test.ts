// An ONNX file's structure is read once for all who ask, and again once the file is another.
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { readOnnxStructure } from '../../../src/formats/onnx/structure.ts';
import { repoRoot } from '../../support/shared.ts';

const fixture = (name: string) => join(repoRoot, 'fixtures', name, 'model.onnx');

it('is read again where another file stands in its place', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tk-structure-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'model.onnx');
  copyFileSync(fixture('tiny_face'), path);
  const first = readOnnxStructure(path);
  expect(first.externalFiles.size).toBe(0);
  expect(readOnnxStructure(path)).toBe(first);
  copyFileSync(join(repoRoot, 'test/convert/exporters/sklearn-kmeans.onnx'), path);
  const second = readOnnxStructure(path);
  expect(second.graph.nodes.map(({ opType }) => opType)).not.toEqual(
    first.graph.nodes.map(({ opType }) => opType),
  );
});

it('names the files that weights stand in', () => {
  const { externalFiles } = readOnnxStructure(fixture('tiny_face_external'));
  expect([...externalFiles.values()]).toEqual([
    join(repoRoot, 'fixtures/tiny_face_external/model.onnx.data'),
  ]);
});
