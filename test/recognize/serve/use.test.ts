// How the page of `tk serve` is used, without models: crowds, keyboards, phones, files that are no photos, impatience.
import type { FastifyInstance } from 'fastify';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { environmentError } from '../../../src/errors.ts';
import { createApp } from '../../../src/recognize/serve/app.ts';
import { SERVER_LIMITS } from '../../../src/recognize/serve/limits.ts';
import type { Recognised, ServedFace, Service } from '../../../src/recognize/serve/service.ts';
import { hasBrowser, launchBrowser } from '../../support/browser.ts';

type Box = [number, number, number, number];
type Mode = 'at once' | 'when released' | 'away';

/** WCAG 2.2's ratio of every text on the page that is seen, with what it stands on; the least first. */
const CONTRASTS = `(() => {
  const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const luminance = (rgb) => rgb.slice(0, 3).reduce((sum, value, index) => {
    const share = value / 255;
    const linear = share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    return sum + linear * [0.2126, 0.7152, 0.0722][index];
  }, 0);
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const [r, g, b, a = 1] = channels(getComputedStyle(at).backgroundColor);
      if (a > 0) return [r, g, b].map((value) => value * a + 255 * (1 - a));
    }
    return [255, 255, 255];
  };
  const found = [];
  for (const element of document.querySelectorAll('body *')) {
    const isText = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!element.checkVisibility() || !(isText || element.matches('input[type=text]'))) continue;
    const pairs = [[getComputedStyle(element).color, ground(element)]];
    if (element.matches('button, input')) pairs.push([getComputedStyle(element).borderColor, ground(element.parentElement)]);
    for (const [colour, under] of pairs) {
      const [low, high] = [luminance(channels(colour)), luminance(under)].sort((a, b) => a - b);
      found.push([(high + 0.05) / (low + 0.05), element.tagName + '.' + element.className + ' ' + element.textContent]);
    }
  }
  return found.sort((a, b) => a[0] - b[0]);
})()`;

describe.skipIf(!hasBrowser)('using the page of tk serve (needs Chromium)', () => {
  let browser: Browser;
  let app: FastifyInstance;
  let page: Page;
  let url: string;
  let size: { width: number; height: number };
  let boxes: Box[];
  let names: (string | null)[];
  let mode: Mode;
  let asked: number;
  let release: () => void;

  function face(box: Box, index: number): ServedFace {
    const name = names[index] ?? null;
    return {
      box,
      landmarks: [
        [0, 0],
        [0, 0],
        [0, 0],
        [0, 0],
        [0, 0],
      ],
      detectionScore: 1,
      name: name ?? 'unknown',
      known: name !== null,
      score: 0.5,
      quality: null,
      best: null,
      runnersUp: [],
      aligned: 'data:,',
      near: [{ name: 'Ann', file: 'a.jpg', content: 'a'.repeat(64), score: 0.7, thumbnail: false }],
    };
  }
  const service: Service = {
    status: async () => ({
      version: '0',
      runtime: { name: 'none', version: '0', fallbackReason: null },
      models: [
        {
          role: 'embedder',
          name: 'dlib-face',
          sha256: 'a'.repeat(64),
          parity: { verdict: 'passed', finishedAt: '2026-01-01T00:00:00Z', manifestSha256: null },
        },
      ],
      embedder: { name: 'dlib-face', score: 'distance', threshold: 0.6, lowerIsBetter: true },
      gallery: { database: 'here', tenant: 'default', people: 2, faces: 2 },
    }),
    people: async () => ['bob', 'Ann'].map((name) => ({ name, photos: 1, addedAt: '2026-01-01T00:00:00Z' })),
    recognise: async (): Promise<Recognised> => {
      asked += 1;
      if (mode === 'when released') {
        await new Promise<void>((resolve) => {
          release = resolve;
        });
        throw environmentError('late', 'the first photo failed', 'try again');
      }
      if (mode === 'away') throw environmentError('away', 'no database answers', 'start it');
      return { ...size, faces: boxes.map(face), ms: 1 };
    },
    enrol: async (name, _photo, { box }) => {
      names[boxes.findIndex(([left]) => left === box![0])] = name;
      return { name, added: true, content: 'a'.repeat(64), box: box! };
    },
    photos: async () => [],
    thumbnail: async () => new Uint8Array(),
    forget: async () => undefined,
  };

  beforeAll(async () => {
    browser = await launchBrowser();
    app = await createApp(service, SERVER_LIMITS, []);
    url = await app.listen({ port: 0, host: '127.0.0.1' });
  });
  afterEach(async () => {
    await page?.context().close();
  });
  afterAll(async () => {
    await browser?.close();
    await app?.close();
  });

  async function visit(options: BrowserContextOptions = {}): Promise<void> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    page = await context.newPage();
    page.setDefaultTimeout(120_000);
    [size, boxes, names, mode, asked] = [{ width: 900, height: 600 }, [], [], 'at once', 0];
    await page.goto(url);
    await page.waitForSelector('#people li');
  }
  async function give(file = 'photo.png', format: 'png' | 'tiff' = 'png'): Promise<void> {
    const background = '#456';
    const buffer = await sharp({ create: { ...size, channels: 3, background } })
      .toFormat(format)
      .toBuffer();
    await page.setInputFiles('#file', { name: file, mimeType: `image/${format}`, buffer });
  }
  const said = () => page.textContent('#message');
  /** What holds a name, a number and a place on the photo, as rectangles of the page. */
  const places = (selector: string) =>
    page.locator(selector).evaluateAll((elements) =>
      elements.map((element) => {
        const { left, top, right, bottom } = element.getBoundingClientRect();
        return [left, top, right, bottom] as const;
      }),
    );

  /** Two rows of six, those behind between the heads of those in front. */
  function crowd(): void {
    const row = (left: number, top: number) =>
      Array.from({ length: 6 }, (_, i): Box => [left + 130 * i, top, left + 130 * i + 60, top + 80]);
    boxes = [...row(60, 200), ...row(125, 130)];
    names = boxes.map((_, index) => `Maximiliana Musterfrau ${index}`);
  }

  it('labels of a crowd lie on no face and on no other label, at any width', async () => {
    await visit();
    crowd();
    await give();
    await expect.poll(said).toBe('12 faces, 12 known.');
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 900 });
      await expect
        .poll(async () => {
          const [labels, faces] = [await places('.label'), await places('.box')];
          const covers = (a: readonly number[], b: readonly number[]) =>
            Math.min(a[2]!, b[2]!) - Math.max(a[0]!, b[0]!) > 1 &&
            Math.min(a[3]!, b[3]!) - Math.max(a[1]!, b[1]!) > 1;
          return labels.flatMap((label, index) =>
            [...labels.slice(index + 1), ...faces].filter((other) => covers(label, other)),
          ).length;
        })
        .toBe(0);
    }
  });

  it('keeps what was typed for the other faces, and the place of the keyboard', async () => {
    await visit();
    boxes = [
      [100, 100, 200, 220],
      [500, 100, 600, 220],
    ];
    await give();
    await page.getByRole('combobox', { name: 'Name of face 2' }).fill('Bert');
    await page.getByRole('combobox', { name: 'Name of face 1' }).fill('Ann');
    await page.keyboard.press('Enter');
    await expect.poll(said).toBe('Ann is enrolled.');
    expect(await page.getByRole('combobox', { name: 'Name of face 2' }).inputValue()).toBe('Bert');
    expect(await page.evaluate('document.activeElement.getAttribute("aria-label")')).toBe('Name of face 1');
  });

  it('goes from a box to its card by the keyboard', async () => {
    await visit();
    boxes = [[100, 100, 200, 220]];
    await give();
    await page.getByRole('button', { name: 'Face 1: not known' }).press('Enter');
    expect(await page.evaluate('document.activeElement.getAttribute("aria-label")')).toBe('Name of face 1');
  });

  it('leaves a person alone at Escape, and leads on from one who is deleted', async () => {
    await visit();
    expect(await page.locator('.person-name bdi').allTextContents()).toEqual(['Ann', 'bob']);
    const deleting = page.getByRole('button', { name: 'Delete Ann' });
    await deleting.press('Enter');
    await page.keyboard.press('Escape');
    expect(await page.evaluate('document.activeElement.getAttribute("aria-label")')).toBe('Delete Ann');
    await deleting.press('Enter');
    await page.locator('#confirm').getByRole('button', { name: 'Delete' }).press('Enter');
    await expect.poll(said).toBe('Ann is deleted.');
    expect(await page.evaluate('document.activeElement.id')).toBe('people-title');
  });

  it('takes a second photo while the first is in work, and hears of the first no more', async () => {
    await visit();
    mode = 'when released';
    await give('first.png');
    await expect.poll(() => asked).toBe(1);
    mode = 'at once';
    await give('second.png');
    await expect.poll(() => page.textContent('#caption')).toMatch(/^second\.png, 900 × 600/);
    release();
    await page.waitForLoadState('networkidle');
    expect(await said()).toBe('No face was found. One that is small, turned or covered may be missed.');
  });

  it('offers to try again what may succeed later', async () => {
    await visit();
    mode = 'away';
    await give();
    await expect.poll(said).toBe('no database answers: start it');
    mode = 'at once';
    await page.getByRole('button', { name: 'Try again' }).click();
    await expect.poll(said).toMatch(/^No face was found\./);
    expect(await page.isVisible('#again')).toBe(false);
  });

  it('says that the server is gone', async () => {
    await visit();
    await page.route('**/api/recognize', (route) => route.abort('connectionrefused'));
    await give();
    await expect.poll(said).toBe('The server does not answer. Is tk serve still running?');
    expect(await page.isVisible('#again')).toBe(true);
  });

  it('shows the faces of a photo that the browser itself cannot show', async () => {
    await visit();
    boxes = [[100, 100, 200, 220]];
    await give('scan.tiff', 'tiff');
    await expect.poll(said).toBe('1 face, nobody known.');
    expect(await page.isVisible('#photo')).toBe(false);
    expect(await page.isVisible('.face')).toBe(true);
    expect(await page.textContent('#caption')).toBe(
      'scan.tiff, 900 × 600, 1 ms. This browser cannot show such a file.',
    );
  });

  it.each([
    [6000, 400],
    [400, 6000],
  ])('shows %i × %i large enough, and scrolls it alone', async (width, height) => {
    await visit({ viewport: { width: 390, height: 844 } });
    size = { width, height };
    boxes = [[100, 100, 250, 300]];
    await give();
    await expect.poll(said).toBe('1 face, nobody known.');
    const [left, top, right, bottom] = (await places('.box'))[0]!;
    expect(Math.min(right - left, bottom - top)).toBeGreaterThan(44);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    const frame = (await places('.frame'))[0]!;
    expect(frame[3] - frame[1]).toBeLessThanOrEqual(0.75 * 844);
  });

  it('has room for a finger on a phone, and its camera', async () => {
    await visit({ viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true });
    boxes = [[100, 100, 200, 220]];
    await give();
    await expect.poll(said).toBe('1 face, nobody known.');
    expect(await page.isVisible('text=Take a photo')).toBe(true);
    const controls = await places('a, button:not(.box), input[type=text], label');
    const visible = controls.filter(([left, , right]) => right > left);
    expect(visible.length).toBeGreaterThan(6);
    for (const [, top, , bottom] of visible) expect(bottom - top).toBeGreaterThanOrEqual(44);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320);
  });

  it('takes the face that is nearest to the finger', async () => {
    await visit({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
    boxes = [
      [100, 300, 115, 320],
      [140, 300, 155, 320],
    ];
    await give();
    await expect.poll(said).toBe('2 faces, nobody known.');
    const [left, top] = (await places('.box'))[0]!;
    await page.touchscreen.tap(left - 4, top + 4);
    expect(await page.evaluate('document.activeElement.getAttribute("aria-label")')).toBe('Name of face 1');
  });

  it.each(['light', 'dark'] as const)(
    'is read easily: every text 4.5 to 1 or more, %s',
    async (colorScheme) => {
      await visit({ colorScheme });
      boxes = [
        [100, 100, 200, 220],
        [500, 100, 600, 220],
      ];
      names = ['Ann'];
      await give();
      await expect.poll(said).toBe('2 faces, 1 known.');
      const contrasts = (await page.evaluate(CONTRASTS)) as [number, string][];
      expect(contrasts.length).toBeGreaterThan(30);
      expect(contrasts.filter(([ratio]) => ratio < 4.5)).toEqual([]);
    },
  );

  it('frees each photo when the next one comes', async () => {
    await visit();
    await page.evaluate(`const { createObjectURL, revokeObjectURL } = URL;
      window.urls = new Set();
      URL.createObjectURL = (blob) => { const url = createObjectURL(blob); window.urls.add(url); return url; };
      URL.revokeObjectURL = (url) => { window.urls.delete(url); revokeObjectURL(url); };`);
    for (const name of ['a.png', 'b.png', 'c.png']) {
      await give(name);
      await expect.poll(() => page.textContent('#caption')).toContain(name);
    }
    expect(await page.evaluate('window.urls.size')).toBe(0);
  });

  it('says which of several files it took, and that a dropped text is no file', async () => {
    await visit();
    const buffer = await sharp({ create: { ...size, channels: 3, background: '#456' } })
      .png()
      .toBuffer();
    await page.evaluate((data) => {
      const transfer = new DataTransfer();
      for (const name of ['one.png', 'two.png'])
        transfer.items.add(
          new File([Uint8Array.from(atob(data), (c) => c.charCodeAt(0))], name, { type: 'image/png' }),
        );
      document.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, cancelable: true }));
    }, buffer.toString('base64'));
    await expect.poll(said).toContain('One photo at a time: the first of 2 was taken.');
    await page.evaluate(() => {
      document.dispatchEvent(new DragEvent('drop', { dataTransfer: new DataTransfer(), cancelable: true }));
    });
    expect(await said()).toBe('That was no file. Save the photo first, then drop or choose it.');
  });
});
