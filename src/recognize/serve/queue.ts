// Photos in work: a few at a time, some waiting, and beyond those a clear no.
import pLimit from 'p-limit';
import { TkError } from '../../errors.ts';

export interface Queue {
  /** @throws TkError `busy` where as many wait as may */
  requireRoom: () => void;
  /** Does the work when its turn comes. @throws TkError `busy` */
  run: <T>(work: () => Promise<T>) => Promise<T>;
}

export function createQueue({ atOnce, waiting }: { atOnce: number; waiting: number }): Queue {
  const limit = pLimit(atOnce);
  const requireRoom = () => {
    if (limit.activeCount + limit.pendingCount < atOnce + waiting) return;
    throw new TkError('busy', 3, 'too many photos are waiting', { hint: 'try again in a moment' });
  };
  return {
    requireRoom,
    run: async (work) => {
      requireRoom();
      return limit(work);
    },
  };
}
