// What people and CI systems read of a verification: the terminal's 80 columns, JUnit, Markdown, the page, the schema.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ParityRecord, paritySchema } from '../../../src/formats/output/parity.ts';
import { locateEnvironment } from '../../../src/runtime/environment.ts';
import { columnsOf } from '../../../src/terminal/wrap.ts';
import { figure } from '../../../src/verify/figures.ts';
import { htmlText } from '../../../src/verify/reports/html.ts';
import { junitText } from '../../../src/verify/reports/junit.ts';
import { markdownText } from '../../../src/verify/reports/markdown.ts';
import { reportText } from '../../../src/verify/reports/terminal.ts';
import { verifySchema } from '../../../src/verify/schema.ts';
import { hasBrowser, launchBrowser } from '../../support/browser.ts';
import { tk } from '../../support/cli.ts';
import { repoRoot } from '../../support/shared.ts';
import { toSavedModel } from '../layers/support.ts';

let work: string;
/** A failed verification with a look inside: stdout, its record, its files. */
let failed: { text: string; record: ParityRecord };

/** Nodes and outputs whose names are markup, wide characters and very long; y = relu(x) + 1, in TensorFlow x + 1. */
const HOSTILE = `
import sys, onnx
from onnx import TensorProto, helper
value = helper.make_tensor_value_info
out = "<script>alert(1)</script>|\`**出力**" + "/very/long/name" * 12
inner = "]](http://example.org)" + "层" * 60
for path, op in zip(sys.argv[1:], ("Relu", "Identity")):
    nodes = [helper.make_node(op, ["x"], [inner], "<b>first</b>"), helper.make_node("Add", [inner, "one"], [out], "@all")]
    one = helper.make_tensor("one", TensorProto.FLOAT, [], [1.0])
    ends = ([value("x", TensorProto.FLOAT, ["N", 3, 16, 16])], [value(out, TensorProto.FLOAT, ["N", 3, 16, 16])])
    graph = helper.make_graph(nodes, "g", *ends, [one])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
`;

const files = { junit: 'r.xml', markdown: 'r.md', html: 'r.html' } as const;
const flags = Object.entries(files).flatMap(([kind, file]) => [`--${kind}`, file]);
const read = (file: string) => readFileSync(join(work, file), 'utf8');

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'tk-reports-'));
  execFileSync(locateEnvironment().python, [
    '-c',
    HOSTILE,
    join(work, 'true.onnx'),
    join(work, 'altered.onnx'),
  ]);
  await toSavedModel(join(work, 'altered.onnx'), join(work, 'keras'), 'none');
  await sharp({ create: { width: 16, height: 16, channels: 3, background: '#c06020' } })
    .composite([
      { input: { create: { width: 8, height: 8, channels: 3, background: '#2040f0' } }, left: 0, top: 0 },
    ])
    .png()
    .toFile(join(work, 'photo.png'));
  writeFileSync(join(work, 'noise.npy'), noise());
  const args = [
    'verify',
    'true.onnx',
    'keras',
    '--bisect',
    '--input-data',
    'photo.png',
    '--input-data',
    'noise.npy',
  ];
  const { stdout, stderr } = await tk([...args, ...flags, '--report', 'r.json'], { cwd: work });
  if (!existsSync(join(work, 'r.json'))) throw new Error(`${stdout}${stderr}`);
  failed = { text: stdout, record: paritySchema.parse(JSON.parse(read('r.json'))) };
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** One image of numbers from −1 to 1. */
function noise(): Uint8Array {
  const header = `${"{'descr': '<f4', 'fortran_order': False, 'shape': (1, 3, 16, 16), }".padEnd(117)}\n`;
  const values = Float32Array.from({ length: 768 }, (_, at) => Math.sin(at * 12.9898));
  return Buffer.concat([
    Buffer.from('\x93NUMPY\x01\x00\x76\x00', 'latin1'),
    Buffer.from(header),
    Buffer.from(values.buffer),
  ]);
}

describe('the terminal', () => {
  it('says which outputs were held to tolerances of their own, and writes none as 0', async () => {
    const models = ['true.onnx', 'true.onnx', '--runners', 'onnx,onnx-plain', '--batch', '1'];
    const { stdout } = await tk(['verify', ...models, '--atol', '*:0'], { cwd: work });
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      'within |a - b| <= 1e-5 + 1e-3 |b|, or the tolerances that are named for <script>',
    );
    const altered = await tk(['verify', 'true.onnx', 'altered.onnx', '--batch', '1', '--atol', '0'], {
      cwd: work,
    });
    expect(altered.stdout).toMatch(/elements beyond 0 \+ 1e-3 \|b\|/);
  });

  it('prints no table where outputs were only saved', async () => {
    const { stdout } = await tk(['verify', 'true.onnx', '--save-outputs', 'saved.npz'], { cwd: work });
    expect(stdout).not.toContain('│');
    expect(stdout).toContain('nothing was compared: the outputs were saved');
  });

  it('never takes more than 80 columns, long and wide names included, but for commands', () => {
    expect(failed.record.verdict).toBe('failed');
    const lines = failed.text.split('\n').filter((line) => !/^ +(repeat: tk|--)|^repeat it: tk/.test(line));
    for (const line of lines) expect(columnsOf(line)).toBeLessThanOrEqual(80);
    expect(failed.text).toContain('bisect: Relu <b>first</b> departs by itself');
  });
});

describe('--junit', () => {
  it('has a test case an output, pair and case, with figures, and failures where they failed, as other parsers read it', () => {
    const text = execFileSync(locateEnvironment().python, ['-c', READ_JUNIT, join(work, files.junit)], {
      encoding: 'utf8',
    });
    const [counts, photo, numbers] = JSON.parse(text) as [unknown, TestCase, TestCase];
    expect(counts).toEqual({ tests: '2', failures: '1', errors: '0' });
    expect(photo).toEqual({
      classname: 'tfjs-node ~ onnxruntime-node',
      name: `${failed.record.comparisons[0]!.outputs[0]!.name}, photo.png`,
      failure: null,
      text: null,
    });
    const [output] = failed.record.comparisons[1]!.outputs;
    expect(numbers.failure).toBe(output?.reason);
    expect(numbers.text).toContain(`max abs ${figure(output!.maxAbs)}, max rel ${figure(output!.maxRel)}`);
    expect(numbers.text).toContain(`worst at [${output!.worst!.index.join(', ')}]`);
  });
});

interface TestCase {
  classname: string;
  name: string;
  failure: string | null;
  text: string | null;
}

/** Python's XML parser. */
const READ_JUNIT = `
import json, sys, xml.etree.ElementTree as tree
root = tree.parse(sys.argv[1]).getroot()
result = [{key: root.get(key) for key in ("tests", "failures", "errors")}]
for case in root.iter("testcase"):
    failure = case.find("failure")
    told = {"failure": None, "text": None} if failure is None else {"failure": failure.get("message"), "text": failure.text}
    result.append({"classname": case.get("classname"), "name": case.get("name"), **told})
print(json.dumps(result))
`;

describe('a bound on noise', () => {
  it('fails in every report where it fails the verdict, although every output is within the tolerance', () => {
    const runners = [
      { runner: 'onnxruntime-node', times: 1.25, isNoise: true },
      { runner: 'tfjs-node', times: 40, isNoise: false },
    ];
    const noise = { limit: 8, outputs: [{ name: 'y', rounding: 1e-7, relative: 1e-7, runners }] };
    const record: ParityRecord = {
      ...failed.record,
      comparisons: failed.record.comparisons.slice(0, 1),
      noise,
    };
    expect(junitText({ record })).toContain(
      '<failure type="noise" message="more than rounding explains: 40 × that">',
    );
    expect(junitText({ record })).toContain('<testsuites name="tk verify" tests="3" failures="1" errors="0"');
    expect(markdownText({ record })).toContain('| ❌ | y | tfjs-node | 1.0e-7 | 40 × that |');
    expect(htmlText({ record }, [])).toContain('Is it noise?');
    expect(reportText(record)).toContain('\n  tfjs-node: 40 × that, FAILED\n');
  });
});

describe('--markdown', () => {
  it('gives verdict, a row a comparison, what failed and the op to blame; no name is markup', () => {
    const text = read(files.markdown);
    expect(text).toMatch(/^## tk verify: failed\n\nFAILED: 1 of 2 comparisons beyond/);
    const rows = text.split('\n').filter((line) => /^\| (✅|❌) \|/.test(line));
    expect(rows).toHaveLength(2 + failed.record.layers!.layers.length);
    expect(rows[0]).toMatch(/^\| ❌ \| &lt;script&gt;/);
    expect(text).toContain('Relu &lt;b&gt;first&lt;/b&gt; departs by itself');
    expect(text).toContain(`\n\`\`\`\n${failed.record.bisect!.found!.command}\n\`\`\`\n`);
    expect(text).not.toMatch(/<script>|<b>|@all|http:\/\/|\*\*出力/);
  });
});

describe('a verification that could not end', () => {
  it('is told in every report, and an older report that passed is gone', async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'tk-unfinished-'));
    writeFileSync(join(cwd, 'r.xml'), '<testsuites tests="1" failures="0"/>');
    const { exitCode } = await tk(['verify', join(work, 'true.onnx'), 'nowhere', ...flags], { cwd });
    expect(exitCode).toBe(2);
    const xml = readFileSync(join(cwd, 'r.xml'), 'utf8');
    expect(xml).toContain('<testsuites name="tk verify" tests="1" failures="0" errors="1" skipped="0">');
    expect(readFileSync(join(cwd, 'r.md'), 'utf8')).toMatch(/^## tk verify did not finish\n/);
    expect(readFileSync(join(cwd, 'r.html'), 'utf8')).toContain('<strong>not finished</strong>');
    rmSync(cwd, { recursive: true });
  });

  it('writes no half file where a report cannot be written', async () => {
    const args = [
      'verify',
      join(work, 'true.onnx'),
      join(work, 'keras'),
      '--html',
      join(work, 'r.md', 'x.html'),
    ];
    const { exitCode, stderr } = await tk(args);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('r.md/x.html cannot be written');
    expect(existsSync(join(work, 'r.md', 'x.html'))).toBe(false);
  });
});

describe('the published JSON Schema', () => {
  it('is the one of the record, and accepts what the command writes', () => {
    const published = JSON.parse(readFileSync(join(repoRoot, 'docs/schemas/verify.schema.json'), 'utf8'));
    expect(published).toEqual(JSON.parse(JSON.stringify(verifySchema())));
    const validate = new Ajv2020({ strict: false }).compile(published);
    expect(validate(JSON.parse(read('r.json'))) || validate.errors).toBe(true);
    expect(validate({ ...failed.record, verdict: 'perhaps' })).toBe(false);
  });
});

describe.skipIf(!hasBrowser)('--html in a browser (needs Chromium)', () => {
  it('shows the figures of the record, the inputs and a plot of the layers; no request, no complaint', async () => {
    const browser = await launchBrowser();
    try {
      const page = await browser.newPage({ viewport: { width: 1100, height: 900 } });
      const trouble: string[] = [];
      page.on('console', (message) => trouble.push(message.text()));
      page.on('pageerror', (error) => trouble.push(error.message));
      page.on('request', (request) => {
        if (!/^(file|data):/.test(request.url())) trouble.push(request.url());
      });
      await page.goto(pathToFileURL(join(work, files.html)).href);
      expect(await page.locator('.verdict strong').textContent()).toBe('failed');
      const cells = await page.locator('section').first().locator('tbody tr').evaluateAll(CELLS_OF);
      expect(cells).toEqual(
        failed.record.comparisons.flatMap(({ outputs, inputs }) =>
          outputs.map((output) => [
            output.passed ? '✓' : '✗',
            output.name,
            'tfjs-node ~ onnxruntime-node',
            inputs,
            ...[output.maxAbs, output.maxRel, output.meanAbs].map(figure),
            output.cosine?.toFixed(5),
            output.snrDb?.toFixed(1) ?? '-',
          ]),
        ),
      );
      const sizes = await page.locator('.images img').evaluateAll(SIZES_OF);
      expect(sizes).toEqual([
        [16, 16],
        [16, 16],
      ]);
      const layers = failed.record.layers!.layers;
      const points = page.locator('svg.wide .series0 circle');
      expect(await points.count()).toBe(layers.length);
      await points.first().scrollIntoViewIfNeeded();
      const box = await points.first().boundingBox();
      await page.mouse.move(box!.x + 1, box!.y + 1);
      const tip = await page.locator('output:visible').textContent();
      expect(tip).toContain(
        `${layers[0]!.op} ${layers[0]!.onnx}\n${layers[0]!.tensorflow}\nmax abs ${figure(layers[0]!.maxAbs)}`,
      );
      const bars = await page.locator('svg.wide .bar').evaluateAll(LABELS_OF);
      const decades = failed.record.comparisons.flatMap(({ outputs }) => outputs[0]!.histogram!.decades);
      expect(bars).toHaveLength(new Set(decades.map(({ exponent }) => exponent)).size);
      await page.setViewportSize({ width: 390, height: 800 });
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
      expect(trouble).toEqual([]);
    } finally {
      await browser.close();
    }
  });
});

// Run in the page, where this project's types do not reach.
const CELLS_OF = (rows: unknown[]) =>
  (rows as { cells: Iterable<{ textContent: string }> }[]).map((row) =>
    [...row.cells].map((cell) => cell.textContent),
  );
const SIZES_OF = (images: unknown[]) =>
  (images as { naturalWidth: number; naturalHeight: number }[]).map((image) => [
    image.naturalWidth,
    image.naturalHeight,
  ]);
const LABELS_OF = (bars: unknown[]) =>
  (bars as { dataset: { label: string } }[]).map((bar) => bar.dataset.label);
