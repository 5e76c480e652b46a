// Places for photos: so many at once, so many waiting, and none for those whose sender has gone.
import { describe, expect, it } from 'vitest';
import { createQueue } from '../../../src/recognize/serve/queue.ts';

// Work begins a turn after it was asked for.
const begun = () => new Promise((resolve) => setImmediate(resolve));
const staying = new AbortController().signal;
const busy = expect.objectContaining({ code: 'busy' });

/** How many more are admitted. */
function room(queue: ReturnType<typeof createQueue>): number {
  const places: (() => void)[] = [];
  try {
    for (;;) places.push(queue.admit());
  } catch (error) {
    expect(error).toEqual(busy);
  }
  for (const giveUp of places) giveUp();
  return places.length;
}

describe('the queue of photos', () => {
  it('has a place for each that is in work, and each that waits', async () => {
    const queue = createQueue({ atOnce: 1, waiting: 2 });
    expect(room(queue)).toBe(3);
    let finish = () => {};
    const done = queue.run(staying, () => new Promise<void>((resolve) => (finish = resolve)));
    const next = queue.run(staying, async () => 'next');
    expect(room(queue)).toBe(1);
    await begun();
    finish();
    expect(await next).toBe('next');
    await done;
    expect(room(queue)).toBe(3);
  });

  it('gives the place of a waiting photo to others at once when its sender goes, and never looks at it', async () => {
    const queue = createQueue({ atOnce: 1, waiting: 1 });
    let finish = () => {};
    const first = queue.run(staying, () => new Promise<void>((resolve) => (finish = resolve)));
    const leaving = new AbortController();
    let looked = false;
    const second = queue.run(leaving.signal, async () => {
      looked = true;
    });
    expect(room(queue)).toBe(0);
    leaving.abort();
    expect(room(queue)).toBe(1);
    await begun();
    finish();
    await expect(second).rejects.toMatchObject({ code: 'cancelled' });
    await first;
    expect(looked).toBe(false);
    expect(room(queue)).toBe(2);
  });

  it('keeps all its places when senders have gone before their turn to wait', async () => {
    const queue = createQueue({ atOnce: 1, waiting: 1 });
    for (let each = 0; each < 3; each++) {
      await expect(queue.run(AbortSignal.abort(), async () => 1)).rejects.toMatchObject({
        code: 'cancelled',
      });
    }
    expect(room(queue)).toBe(2);
  });
});
