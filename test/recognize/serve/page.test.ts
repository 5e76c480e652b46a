// The page in a real browser, with the real models and real photos: from `tk serve` to a name on a face.
import { type ChildProcess, spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { convert } from '../../../src/convert/convert.ts';
import { defaultDependencies } from '../../../src/recognize/dependencies.ts';
import { verifyModels } from '../../../src/recognize/models.ts';
import { hasBrowser, launchBrowser } from '../../support/browser.ts';
import { tk } from '../../support/cli.ts';
import { hasShared, repoRoot, sharedData } from '../../support/shared.ts';
import { closePipeline, openPipeline, testCache } from '../support.ts';

/** What of a photo's bytes could be found again in the gallery's files. */
function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    statSync(join(folder, file)).isFile(),
  );
}

describe.skipIf(!hasBrowser || !hasShared)('the page of tk serve (needs Chromium and shared/data)', () => {
  let work: string;
  let server: ChildProcess;
  let ended: Promise<number | null>;
  let url: string;
  let browser: Browser;
  let page: Page;
  const faults: string[] = [];
  const requests: string[] = [];
  const photo = (name: string, file: string) => sharedData('faces', name, file);
  const said = () => page.textContent('#message');
  const settled = async (file: string) => {
    await page.setInputFiles('#file', file);
    await page.waitForSelector('#message.busy', { state: 'detached' });
  };

  beforeAll(async () => {
    await closePipeline(await openPipeline('onnx'));
    work = mkdtempSync(join(tmpdir(), 'tk-serve-'));
    const args = ['serve', '--db', join(work, 'db'), '--port', '0', '--runtime', 'onnx', '--json'];
    const env = { ...process.env, TK_CACHE: testCache };
    server = spawn(process.execPath, [join(repoRoot, 'bin/tk'), ...args], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    ended = new Promise((resolve) => server.once('exit', resolve));
    const first = await new Promise<string>((resolve) => {
      let text = '';
      server.stdout!.on('data', (chunk: Buffer) => {
        text += String(chunk);
        if (text.includes('}')) resolve(text);
      });
    });
    url = (JSON.parse(first) as { url: string }).url;
    browser = await launchBrowser();
    page = await browser.newPage();
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(url);
  });
  afterAll(async () => {
    await browser?.close();
    server?.kill('SIGKILL');
    rmSync(work, { recursive: true, force: true });
  });

  it('shows the parity verdict of each model', async () => {
    await page.waitForSelector('#models tr');
    const rows = await page.locator('#models tr').allTextContents();
    expect(rows).toHaveLength(4);
    expect(rows.every((row) => row.includes('passed'))).toBe(true);
    expect(await page.textContent('#verdict')).toBe('Parity passed for all 4 models');
    expect(await page.textContent('#runtime')).toMatch(/^dlib-face on onnxruntime-node .*distance ≤ 0\.6$/);
  });

  it('finds a face nobody knows, and enrols it with its name', async () => {
    await settled(photo('tony_blair', '1.jpg'));
    expect(await said()).toBe('1 face, nobody known.');
    await page.fill('form.enrol input[type=text]', 'Tony Blair <b>');
    await page.check('form.enrol input[type=checkbox]');
    expect(await page.textContent('#scoring')).toBe(
      'Distance: the smaller, the more alike; 0.6 or less (✓) is taken for the same person. Face: how sure the detector is that it is one.',
    );
    await page.click('form.enrol button');
    await expect.poll(said, { timeout: 60_000 }).toBe('Tony Blair <b> is enrolled.');
    expect(await page.textContent('#people .person-name')).toBe('Tony Blair <b>1 photo');
  });

  it('recognises the person on another photo, with the kept picture of the first', async () => {
    await settled(photo('tony_blair', '3.jpg'));
    expect(await said()).toBe('1 face, 1 known.');
    expect(await page.textContent('.box.known')).toBe('1Tony Blair <b>');
    expect(await page.textContent('.face .who')).toBe('1 Tony Blair <b> known');
    expect(await page.textContent('.near li')).toMatch(/^Tony Blair <b>1\.jpg0\.\d{3} ✓$/);
    const loaded = () => page.evaluate('[...document.images].every((image) => image.naturalWidth > 0)');
    await expect.poll(loaded, { timeout: 30_000 }).toBe(true);
  });

  it('puts each box where the face is', async () => {
    const [image, box] = [
      await page.locator('#photo').boundingBox(),
      await page.locator('.box').boundingBox(),
    ];
    const { faces } = (await (
      await fetch(`${url}/api/recognize`, {
        method: 'POST',
        headers: { 'content-type': 'image/jpeg' },
        body: new Uint8Array(readFileSync(photo('tony_blair', '3.jpg'))),
      })
    ).json()) as { faces: { box: number[] }[] };
    const scale = image!.width / 250;
    expect(Math.abs(box!.x - image!.x - faces[0]!.box[0]! * scale)).toBeLessThan(1.5);
    expect(Math.abs(box!.y - image!.y - faces[0]!.box[1]! * scale)).toBeLessThan(1.5);
  });

  it('says in one line what is no photo', async () => {
    const bad = join(work, 'bad.jpg');
    writeFileSync(bad, 'no photo');
    await settled(bad);
    expect(await said()).toMatch(/^the photo is not an image that tk reads/);
    expect(await page.getAttribute('#message', 'class')).toBe('bad');
    faults.length = 0; // the browser reports the 415
  });

  it('answers a truncated photo and an image bomb by their status, and goes on', async () => {
    const post = async (body: Uint8Array<ArrayBuffer>) => {
      const answer = await fetch(`${url}/api/recognize`, {
        method: 'POST',
        headers: { 'content-type': 'image/jpeg' },
        body,
      });
      return [answer.status, ((await answer.json()) as { error?: { code: string } }).error?.code];
    };
    const whole = new Uint8Array(readFileSync(photo('tony_blair', '3.jpg')));
    expect(await post(whole.slice(0, whole.length / 2))).toEqual([400, 'image-damaged']);
    const bomb = new Uint8Array(
      await sharp({ create: { width: 16_000, height: 16_000, channels: 3, background: '#000' } })
        .png()
        .toBuffer(),
    );
    expect(bomb.length).toBeLessThan(1 << 21);
    expect(await post(bomb)).toEqual([413, 'image-too-large']);
    expect(await post(whole)).toEqual([200, undefined]);
  });

  it('fits a phone, light and dark, and every control has a name', async () => {
    await settled(photo('tony_blair', '3.jpg'));
    await page.setViewportSize({ width: 390, height: 844 });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    }
    const table = (side: string) => page.evaluate(`document.querySelector('.scroll').${side}`);
    expect(await table('scrollWidth')).toBe(await table('clientWidth'));
    // No line break between a number, its sign and what it is.
    expect(await page.textContent('.face-head .quiet')).toMatch(/ · face\u00a0100\u00a0%$/);
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(20, 23, 26)');
    expect(await page.getByRole('combobox', { name: 'Name of face 1' }).count()).toBe(1);
    expect(await page.getByRole('button', { name: 'Face 1: Tony Blair <b>' }).count()).toBe(1);
    expect(await page.getByRole('button', { name: 'Delete Tony Blair <b>' }).count()).toBe(1);
  });

  it('asks before it deletes, and then forgets', async () => {
    const deleting = page.getByRole('button', { name: 'Delete Tony Blair <b>' });
    await deleting.click();
    await page.getByRole('button', { name: 'Keep' }).click();
    expect(await page.locator('#people li').count()).toBe(1);
    await deleting.click();
    await page.locator('#confirm').getByRole('button', { name: 'Delete' }).click();
    await expect.poll(said, { timeout: 60_000 }).toBe('Tony Blair <b> is deleted.');
    expect(await page.locator('#people li').count()).toBe(0);
    expect(await page.isVisible('#nobody')).toBe(true);
  });

  it('never spoke to anybody else, and broke no rule of its own policy', () => {
    const elsewhere = requests.filter((to) => !to.startsWith(url) && !/^(blob|data):/.test(to));
    expect(elsewhere).toEqual([]);
    expect(faults).toEqual([]);
  });

  it('names a port in use in one line', async () => {
    const port = new URL(url).port;
    const args = ['serve', '--db', join(work, 'other'), '--port', port, '--runtime', 'onnx'];
    const { exitCode, stderr } = await tk(args, { env: { TK_CACHE: testCache } });
    expect(stderr).toContain(`tk: port ${port} of 127.0.0.1 is in use\n`);
    expect(exitCode).toBe(3);
  });

  it('does not start with a model that the gate refuses, and says so in one line', async () => {
    const embedder = join(work, 'unverified');
    const models = await verifyModels({}, defaultDependencies(convert));
    cpSync(models.find(({ role }) => role === 'embedder')!.folder, embedder, { recursive: true });
    rmSync(join(embedder, 'parity.json'));
    const args = ['serve', '--db', join(work, 'none'), '--port', '0', '--embedder', embedder];
    const { exitCode, stdout, stderr } = await tk(args, { env: { TK_CACHE: testCache } });
    expect([exitCode, stdout, stderr]).toEqual([
      1,
      '',
      `tk: ${embedder} was never verified: it has no parity.json\n    run: tk verify ${embedder}\n`,
    ]);
    expect(existsSync(join(work, 'none'))).toBe(false);
  });

  it('ends at Ctrl-C, with the gallery closed and nothing of the photos on the disk', async () => {
    server.kill('SIGINT');
    expect(await ended).toBe(0);
    const files = filesUnder(join(work, 'db'));
    expect(files).toContain('gallery.json');
    expect(files).not.toContain('lock');
  });
});
