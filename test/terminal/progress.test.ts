// Progress as it reaches stderr.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { liveProgress, plainProgress } from '../../src/terminal/progress.ts';

const sink = () => {
  const written: string[] = [];
  return { written, write: (text: string) => written.push(text) };
};

describe('progress', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('without a terminal tells how far a long stage is every ten seconds, on lines', () => {
    const to = sink();
    const progress = plainProgress(to);
    progress.start('recognising');
    for (let second = 1; second <= 25; second++) {
      vi.advanceTimersByTime(1000);
      progress.tick(`${second} of 25 photos`);
    }
    expect(to.written).toEqual(['10 of 25 photos\n', '20 of 25 photos\n']);
  });

  it('on a terminal gives way to a result, and comes back', () => {
    const to = sink();
    const progress = liveProgress(to);
    progress.start('recognising');
    progress.tick('3 of 9 photos');
    progress.clear();
    expect(to.written.at(-1)).toBe('\r\u001b[K');
    vi.advanceTimersByTime(100);
    expect(to.written.at(-1)).toContain('3 of 9 photos');
    progress.stop();
  });
});
