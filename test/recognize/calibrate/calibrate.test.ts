// `tk calibrate` as it is used: on embeddings, on labelled pairs, on photos; and what bad input gets.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeNpy } from '../../../src/formats/npy/npy.ts';
import { openNpz } from '../../../src/formats/npy/npz.ts';
import type { CalibrationReport } from '../../../src/recognize/calibrate/calibrate.ts';
import { embedderProfile } from '../../../src/recognize/embed/profiles.ts';
import { euclidean } from '../../../src/recognize/score/vectors.ts';
import { locateEnvironment } from '../../../src/runtime/environment.ts';
import { hasBrowser, launchBrowser } from '../../support/browser.ts';
import { tk } from '../../support/cli.ts';
import { hasShared, repoRoot, sharedData } from '../../support/shared.ts';
import { testCache } from '../support.ts';

let work: string;

beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), 'tk-calibrate-'));
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** Three numbers a face: people lie on axes of their own, photos a little beside them. */
function writeFaces(name: string, rows: number[][], files: string[]): string[] {
  const width = rows[0]!.length;
  const data = Float32Array.from(rows.flat());
  const [embeddings, filenames] = [join(work, `${name}.npy`), join(work, `${name}-files.npy`)];
  writeFileSync(embeddings, writeNpy({ dtype: 'float32', shape: [rows.length, width], data }));
  writeFileSync(filenames, writeNpy({ dtype: 'string', shape: [files.length], data: files }));
  return ['--embeddings', embeddings, '--filenames', filenames, '--profile', 'mobilefacenet'];
}

/** Ten people with four photos each, 64 dimensions, a seed of their own; nobody is like anybody else. */
function tenPeople(): string[] {
  const rows: number[][] = [];
  const files: string[] = [];
  for (let person = 0; person < 10; person++) {
    for (let photo = 0; photo < 4; photo++) {
      rows.push(
        Array.from({ length: 64 }, (_, k) =>
          k === person ? 1 : 0.02 * Math.sin(7 * k + 3 * photo + person),
        ),
      );
      files.push(`p${person}/${photo}.jpg`);
    }
  }
  return writeFaces('ten', rows, files);
}

const json = (stdout: string) => JSON.parse(stdout) as CalibrationReport;

describe('tk calibrate on embeddings', () => {
  it('parts ten people into five and five, and fits a threshold that separates them', async () => {
    const { exitCode, stdout } = await tk(['calibrate', ...tenPeople(), '--fmr', '0.1', '--json']);
    expect(exitCode).toBe(0);
    const report = json(stdout);
    // Five people with four photos: 5 × 6 genuine pairs of 190.
    expect(report.fit).toMatchObject({ people: 5, photos: 20, genuine: 30, impostor: 160, targetFmr: 0.1 });
    expect(report.test).toEqual({ people: 5, photos: 20, genuine: 30, impostor: 160 });
    expect(report.leftOut).toEqual({ withoutFace: 0, acrossParts: 400 });
    const { eer, auc, fnmrAtFmr } = report.candidates[0]!.test;
    expect([eer.value, auc.value]).toEqual([0, 1]);
    expect(fnmrAtFmr[0]).toMatchObject({ fmr: 0.1, measurable: true, fnmr: { value: 0, interval: [0, 0] } });
    expect(fnmrAtFmr[1]).toEqual({ fmr: 0.01, measurable: false });
  });

  it('prints a table of 80 columns that says what cannot be measured', async () => {
    const { stdout } = await tk(['calibrate', ...tenPeople(), '--fmr', '0.1']);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(stdout).toContain('│ FNMR at FMR 1e-2 │ not measurable with 160     │');
    expect(stdout).toContain('fit part:  5 people, 20 photos, 30 genuine and 160 impostor pairs');
  });

  it('leaves out a photo that repeats, and one that stands under two names', async () => {
    const rows = Array.from({ length: 20 }, (_, row) => [Math.floor(row / 2) + 1, row, 1, 0.5 * row]);
    rows.push(rows[0]!, rows[2]!);
    const files = rows.map((_, row) => `p${Math.floor(row / 2)}/${row}.jpg`);
    files[20] = 'p0/copy.jpg';
    files[21] = 'p4/stolen.jpg';
    const { stdout } = await tk([
      'calibrate',
      ...writeFaces('copies', rows, files),
      '--fmr',
      '0.9',
      '--fit-share',
      '0.5',
      '--json',
    ]);
    expect(json(stdout).skipped).toEqual([
      { file: 'p1/2.jpg', reason: 'stands under several names: p1, p4' },
      { file: 'p0/copy.jpg', reason: 'is the same photo as p0/0.jpg' },
      { file: 'p4/stolen.jpg', reason: 'stands under several names: p1, p4' },
    ]);
  });

  it('takes listed pairs by rows, people being those whom the list makes one', async () => {
    const [, embeddings] = tenPeople();
    const lines = ['photo,other,label'];
    for (let person = 0; person < 10; person++) {
      for (const photo of [1, 2, 3]) lines.push(`${4 * person},${4 * person + photo},1`);
      for (let other = 0; other < 10; other++)
        if (other !== person) lines.push(`${4 * person},${4 * other + 1},different`);
    }
    const pairs = join(work, 'pairs.csv');
    writeFileSync(pairs, lines.join('\n'));
    const args = [
      '--embeddings',
      embeddings!,
      '--profile',
      'mobilefacenet',
      '--pairs',
      pairs,
      '--fmr',
      '0.5',
    ];
    const report = json((await tk(['calibrate', ...args, '--json'])).stdout);
    expect(report.people).toBe(10);
    expect(report.fit).toMatchObject({ people: 5, genuine: 15, impostor: 20 });
    expect(report.leftOut.acrossParts).toBe(50);
  });

  it('writes a profile that recognition reads, the report, and a page that shows the same threshold', async () => {
    const out = join(work, 'written');
    const { stdout, stderr } = await tk([
      'calibrate',
      ...tenPeople(),
      '--fmr',
      '0.1',
      '--out',
      out,
      '--json',
    ]);
    const { candidates } = json(stdout);
    expect(await embedderProfile(join(out, 'profile.json'))).toEqual(candidates[0]!.profile);
    expect(JSON.parse(readFileSync(join(out, 'calibration.json'), 'utf8'))).toEqual(JSON.parse(stdout));
    expect(readFileSync(join(out, 'calibration.html'), 'utf8')).toContain(
      `Threshold ${candidates[0]!.profile.threshold}`,
    );
    for (const curve of ['roc.svg', 'det.svg']) {
      // One curve, since both candidates score alike.
      expect(await sharp(join(out, curve)).metadata()).toMatchObject({ width: 760, height: 346 });
    }
    expect(stderr).toContain(`written: ${join(out, 'profile.json')}`);
    const again = await tk(['calibrate', ...tenPeople(), '--fmr', '0.1', '--out', out]);
    expect(again).toMatchObject({ exitCode: 2, stdout: '' });
    expect(again.stderr).toBe(
      `tk: ${join(out, 'profile.json')} exists\n    name another --out, or add --force to replace it\n`,
    );
  });

  it.skipIf(!hasBrowser)('a browser shows its page without a complaint (needs Chromium)', async () => {
    const out = join(work, 'page');
    await tk(['calibrate', ...tenPeople(), '--fmr', '0.1', '--out', out]);
    const browser = await launchBrowser();
    try {
      const page = await browser.newPage({ viewport: { width: 390, height: 800 } });
      const complaints: string[] = [];
      page.on('console', (message) => complaints.push(message.text()));
      page.on('pageerror', (error) => complaints.push(String(error)));
      await page.goto(pathToFileURL(join(out, 'calibration.html')).href);
      expect(await page.locator('h1').textContent()).toBe('Calibration of mobilefacenet');
      expect(await page.locator('svg.narrow rect.bar').count()).toBe(80);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
      expect(complaints).toEqual([]);
    } finally {
      await browser.close();
    }
  });
});

describe('bad input of tk calibrate', () => {
  const refused = async (args: string[], message: string | RegExp) => {
    const { exitCode, stdout, stderr } = await tk(['calibrate', ...args]);
    expect(stderr).toMatch(message);
    expect(stderr.split('\n')).toHaveLength(3);
    expect([exitCode, stdout]).toEqual([2, '']);
  };

  it('nothing to calibrate on', () => refused([], /no faces are given/));
  it('embeddings without a profile', () =>
    refused(['--embeddings', 'e.npy'], /--embeddings needs --profile/));
  it('embeddings that nothing names', () =>
    refused(['--embeddings', 'e.npy', '--profile', 'dlib-face'], /nothing tells who is who/));
  it('an FMR that is none', () => refused(['faces', '--fmr', '2'], /--fmr is not between 0 and 1/));
  it('a share that is none', () =>
    refused(['faces', '--fit-share', '1'], /--fit-share is not between 0 and 1/));
  it('somebody to leave out who is not there', () =>
    refused(
      [...tenPeople(), '--exclude', 'p1', '--exclude', 'p11'],
      /--exclude p11: nobody among the faces/,
    ));
  it('too few people', () =>
    refused(
      writeFaces(
        'two',
        [
          [1, 0],
          [0.9, 0],
          [0, 1],
          [0, 0.9],
        ],
        ['a/1.jpg', 'a/2.jpg', 'b/1.jpg', 'b/2.jpg'],
      ),
      /the fit part has 1 genuine and 0 impostor pairs; both parts need both/,
    ));

  it.each([
    ['a line that is no pair', 'p0/0.jpg,p0/1.jpg,1\np0/0.jpg p1/0.jpg', /line 2 is no pair/],
    ['a photo that is not there', 'p0/0.jpg,nobody.jpg,1', /line 1: there is no photo nobody.jpg/],
    ['a photo and itself', 'p0/0.jpg,p0/0.jpg,1', /line 1: p0\/0.jpg is paired with itself/],
    [
      'labels that contradict each other',
      'p0/0.jpg,p0/1.jpg,1\np0/1.jpg,p0/2.jpg,1\np0/0.jpg,p0/2.jpg,0',
      /line 3 calls two photos different whom other lines make one person/,
    ],
  ])('%s in a list of pairs', async (_, text, message) => {
    const pairs = join(work, 'bad.csv');
    writeFileSync(pairs, text);
    await refused([...tenPeople(), '--pairs', pairs], message);
  });
});

describe.skipIf(!hasShared)('tk calibrate on real faces (needs shared/data)', () => {
  it('gives the error rates that the definitions give, on dlib’s embeddings of 149 photos', async () => {
    const npz = await openNpz(sharedData('golden', 'embeddings.npz'));
    const [keys, embeddings] = [await npz.read('keys'), await npz.read('dlib_u8')];
    await npz.close();
    const [e, f] = [join(work, 'golden.npy'), join(work, 'golden-files.npy')];
    writeFileSync(e, writeNpy(embeddings));
    writeFileSync(f, writeNpy(keys));
    const { stdout } = await tk([
      'calibrate',
      '--embeddings',
      e,
      '--filenames',
      f,
      '--profile',
      'dlib-face',
      '--json',
    ]);
    const report = json(stdout);
    const given = report.candidates.find(({ name }) => name === 'given')!.test;

    // The test part's pairs again, from its people.
    const script = join(repoRoot, 'test/recognize/calibrate/oracle.py');
    const files = keys.data as string[];
    const skipped = new Set(report.skipped.map(({ file }) => file));
    const people = new Set(report.testPeople);
    const rows = files.flatMap((file, row) =>
      people.has(file.split('/')[0]!) && !skipped.has(file) ? [{ name: file.split('/')[0], row }] : [],
    );
    const vector = (row: number) => (embeddings.data as Float32Array).slice(128 * row, 128 * row + 128);
    const alikeness: number[] = [];
    const genuine: number[] = [];
    rows.forEach((left, index) => {
      for (const right of rows.slice(index + 1)) {
        alikeness.push(-euclidean(vector(left.row), vector(right.row)));
        genuine.push(left.name === right.name ? 1 : 0);
      }
    });
    expect([given.genuine, given.genuine + given.impostor]).toEqual([
      genuine.filter((same) => same === 1).length,
      genuine.length,
    ]);
    const input = JSON.stringify({ alikeness, genuine, fmrs: [0.1, 0.01] });
    const theirs = JSON.parse(
      execFileSync(locateEnvironment().python, [script], { input, encoding: 'utf8' }),
    );
    expect(given.eer.value).toBeCloseTo(theirs.eer, 10);
    expect(given.auc.value).toBeCloseTo(theirs.auc, 10);
    const measured = given.fnmrAtFmr.flatMap((rate) => (rate.measurable ? [rate.fnmr.value] : []));
    expect(measured).toHaveLength(2);
    measured.forEach((fnmr, index) => {
      expect(fnmr).toBeCloseTo(theirs.fnmr[index], 10);
    });
  });

  it('embeds photos by verified models; folders that begin with _ are nobody', async () => {
    const env = { TK_CACHE: testCache };
    const { stdout } = await tk(
      ['calibrate', sharedData('faces'), '--exclude', 'fp_angelina_jolie', '--json'],
      { env },
    );
    const report = json(stdout);
    expect(report.models.map(({ role }) => role)).toEqual(['pnet', 'rnet', 'onet', 'embedder']);
    expect(report.people).toBe(33);
    expect(report.skipped).toEqual([{ file: 'bbt_howard/5.png', reason: 'no face was found' }]);
    expect(report.candidates[0]!.test.auc.value).toBeGreaterThan(0.999);
  });
});
