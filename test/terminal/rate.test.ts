// How far a run is, with a clock of the test's own.
import { describe, expect, it } from 'vitest';
import { createRate } from '../../src/terminal/rate.ts';

describe('createRate', () => {
  it('tells how many are done, how fast, and how long the rest takes', () => {
    let now = 0;
    const rate = createRate('photos', 4, () => now);
    now = 500;
    expect(rate.tick()).toBe('1 of 4 photos, 2.0 a second, 1.5 s left');
    now = 1000;
    rate.tick();
    rate.tick();
    now = 2000;
    expect(rate.tick()).toBe('4 of 4 photos, 2.0 a second');
    expect(rate.summary()).toBe('4 photos in 2.0 s, 2.0 a second');
  });

  it('follows the last hundred', () => {
    let now = 0;
    const rate = createRate('photos', 10_000, () => now);
    for (let i = 0; i < 200; i++) {
      now += 1000;
      rate.tick();
    }
    let text = '';
    for (let i = 0; i < 100; i++) {
      now += 50;
      text = rate.tick();
    }
    expect(text).toBe('300 of 10000 photos, 20 a second, 8 min 5 s left');
  });

  it('knows no end of a list that is still being read', () => {
    let now = 0;
    const rate = createRate('photos', null, () => now);
    now = 100;
    expect(rate.tick()).toBe('1 photos, 10 a second');
  });
});
