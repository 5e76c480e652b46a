// Photos in work: a few at a time, some waiting, and beyond those a clear no.
import pLimit from 'p-limit';
import { TkError } from '../../errors.ts';

export interface Queue {
  /**
   * Takes a place for a photo that is still on its way.
   *
   * @returns gives the place up; calling it again does nothing
   * @throws TkError `busy` where as many arrive, wait and are in work as may
   */
  admit: () => () => void;
  /**
   * Does the work when its turn comes.
   *
   * @param gone aborts when nobody waits for the answer any more: the photo gives its place up, and is not looked at
   */
  run: <T>(gone: AbortSignal, work: () => Promise<T>) => Promise<T>;
}

export function createQueue({ atOnce, waiting }: { atOnce: number; waiting: number }): Queue {
  const limit = pLimit(atOnce);
  let arriving = 0;
  let left = 0;
  return {
    admit: () => {
      if (arriving + limit.activeCount + limit.pendingCount - left >= atOnce + waiting) {
        throw new TkError('busy', 3, 'too many photos are waiting', { hint: 'try again in a moment' });
      }
      arriving += 1;
      let isHere = true;
      return () => {
        if (isHere) arriving -= 1;
        isHere = false;
      };
    },
    run: async (gone, work) => {
      if (gone.aborted) throw cancelled();
      const leave = () => {
        left += 1;
      };
      gone.addEventListener('abort', leave, { once: true });
      return limit(() => {
        gone.removeEventListener('abort', leave);
        if (!gone.aborted) return work();
        left -= 1;
        throw cancelled();
      });
    },
  };
}

function cancelled(): TkError {
  return new TkError('cancelled', 2, 'who asked has gone');
}
