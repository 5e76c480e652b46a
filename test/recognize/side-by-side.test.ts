// Working on several photos at a time: order, joined runs, bounded memory.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Tensor } from '../../src/formats/tensor.ts';
import { batching } from '../../src/recognize/batching.ts';
import { inOrder } from '../../src/recognize/in-order.ts';
import { createSlots } from '../../src/recognize/slots.ts';
import type { ModelRunner } from '../../src/runtime/runner.ts';

describe('inOrder', () => {
  it('keeps the order, whatever takes longest', async () => {
    const found: number[] = [];
    const work = async (item: number) => {
      await sleep(item % 2 === 0 ? 20 : 1);
      return item * 10;
    };
    for await (const { item, result } of inOrder([0, 1, 2, 3, 4, 5, 6], work)) {
      expect(result).toBe(item * 10);
      found.push(item);
    }
    expect(found).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it('is never more than four ahead of the reader', async () => {
    let started = 0;
    for await (const { item } of inOrder(Array.from({ length: 30 }).keys(), async () => started++)) {
      await sleep(1);
      expect(started).toBeLessThanOrEqual(item + 1 + 4);
    }
    expect(started).toBe(30);
  });

  it('gives a result while the next item is still awaited', async () => {
    let more: (() => void) | undefined;
    async function* slow() {
      yield 1;
      await new Promise<void>((resolve) => {
        more = resolve;
      });
      yield 2;
    }
    const results = inOrder(slow(), async (item) => item);
    expect((await results.next()).value).toEqual({ item: 1, result: 1 });
    more?.();
    expect((await results.next()).value).toEqual({ item: 2, result: 2 });
    expect((await results.next()).done).toBe(true);
  });

  it('throws a failure when its turn comes, and starts nothing more', async () => {
    const seen: number[] = [];
    const run = async () => {
      for await (const { item } of inOrder(Array.from({ length: 50 }).keys(), async (n) => {
        if (n === 2) throw new Error('two');
        return n;
      })) {
        seen.push(item);
      }
    };
    await expect(run()).rejects.toThrow('two');
    expect(seen).toEqual([0, 1]);
  });
});

/** A model that doubles its rows, slowly, and writes down how many it was given. */
function doubler(batch: number | string, parallel = 1): { runner: ModelRunner; rows: number[] } {
  const rows: number[] = [];
  const runner: ModelRunner = {
    runtime: 'tfjs-node',
    version: '0',
    fallbackReason: null,
    parallel,
    inputs: [{ name: 'image', dtype: 'float32', shape: [batch, 2] }],
    outputs: [{ name: 'twice', dtype: 'float32', shape: [batch, 2] }],
    run: async ({ image }) => {
      rows.push(image!.shape[0]!);
      await sleep(5);
      if ((image!.data as Float32Array)[0] === 666) throw new Error('no');
      return { twice: { ...image!, data: (image!.data as Float32Array).map((value) => value * 2) } };
    },
    close: async () => undefined,
  };
  return { runner, rows };
}

const rowsOf = (...values: number[]): Record<string, Tensor> => ({
  image: { dtype: 'float32', shape: [values.length / 2, 2], data: Float32Array.from(values) },
});

describe('batching', () => {
  it('joins what waits while the model runs, and gives each its own rows', async () => {
    const { runner, rows } = doubler('N');
    const { run } = batching(runner);
    const results = await Promise.all([run(rowsOf(1, 2)), run(rowsOf(3, 4, 5, 6)), run(rowsOf(7, 8))]);
    expect(rows).toEqual([1, 3]);
    expect(results.map(({ twice }) => twice)).toEqual([
      { dtype: 'float32', shape: [1, 2], data: Float32Array.from([2, 4]) },
      { dtype: 'float32', shape: [2, 2], data: Float32Array.from([6, 8, 10, 12]) },
      { dtype: 'float32', shape: [1, 2], data: Float32Array.from([14, 16]) },
    ]);
  });

  it('joins no two shapes, and not beyond 16 MiB', async () => {
    const { runner, rows } = doubler('N');
    const { run } = batching(runner);
    const large = () => run({ image: { dtype: 'float32', shape: [1.5e6, 2], data: new Float32Array(3e6) } });
    const other = () => run({ image: { dtype: 'float32', shape: [1, 1], data: Float32Array.from([1]) } });
    await Promise.all([run(rowsOf(1, 2)), large(), other(), large(), other()]);
    expect(rows).toEqual([1, 1.5e6, 2, 1.5e6]);
  });

  it('runs as many as go on side by side, and joins the rest', async () => {
    const { runner, rows } = doubler('N', 2);
    const { run } = batching(runner);
    const results = await Promise.all([1, 2, 3, 4, 5].map((n) => run(rowsOf(n, n))));
    expect(rows).toEqual([1, 1, 3]);
    expect(results.map(({ twice }) => [...(twice!.data as Float32Array)])).toEqual(
      [1, 2, 3, 4, 5].map((n) => [2 * n, 2 * n]),
    );
  });

  it('cuts what a network is asked that idles, in parts of 64 KiB at least', async () => {
    const { runner, rows } = doubler('N', 2);
    const { run } = batching(runner);
    const image = (count: number) => ({
      dtype: 'float32' as const,
      shape: [count, 2],
      data: Float32Array.from({ length: 2 * count }, (_, i) => i),
    });
    const { twice } = await run({ image: image(16385) });
    expect(rows).toEqual([8193, 8192]);
    expect(twice).toEqual({ ...image(16385), data: Float32Array.from({ length: 32770 }, (_, i) => 2 * i) });
    rows.length = 0;
    await run({ image: image(16383) });
    expect(rows).toEqual([16383]);
  });

  it('leaves a model alone whose batch is fixed, or that gives other numbers', () => {
    const { runner } = doubler(1);
    expect(batching(runner)).toBe(runner);
    const other = {
      ...doubler('N').runner,
      outputs: [{ name: 'labels', dtype: 'int64' as const, shape: ['N'] }],
    };
    expect(batching(other)).toBe(other);
  });

  it('a failed run fails for all who share it, and the next one runs', async () => {
    const { runner } = doubler('N');
    const { run } = batching(runner);
    const settled = await Promise.allSettled([run(rowsOf(1, 2)), run(rowsOf(666, 0)), run(rowsOf(3, 4))]);
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect((await run(rowsOf(3, 4))).twice!.data).toEqual(Float32Array.from([6, 8]));
  });
});

describe('createSlots', () => {
  it('grants shares up to the capacity, in order; too large a share waits until it is alone', async () => {
    const slots = createSlots(10);
    let held = 0;
    const seen: number[] = [];
    const work = (share: number) =>
      slots.within(share, async () => {
        held += share;
        seen.push(held);
        await sleep(3);
        held -= share;
      });
    await Promise.all([work(6), work(4), work(99), work(5), work(5)]);
    expect(seen).toEqual([6, 10, 99, 5, 10]);
  });

  it('gives the share back after a failure', async () => {
    const slots = createSlots(1);
    await expect(slots.within(1, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await slots.within(1, async () => 'free')).toBe('free');
  });
});
