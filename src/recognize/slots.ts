// A budget that several pieces of work share, so that memory stays bounded however large each of them is.

export interface Slots {
  /** Runs the work once its share of the budget is free; shares are granted in the order of asking. */
  within<T>(share: number, work: () => Promise<T>): Promise<T>;
}

/** A budget of `capacity`; a share that is larger waits until it is alone. */
export function createSlots(capacity: number): Slots {
  const waiting: { share: number; start: () => void }[] = [];
  let free = capacity;
  const grant = () => {
    while (waiting[0] && waiting[0].share <= free) {
      const { share, start } = waiting.shift()!;
      free -= share;
      start();
    }
  };
  return {
    within: async (wanted, work) => {
      const share = Math.min(wanted, capacity);
      await new Promise<void>((start) => {
        waiting.push({ share, start });
        grant();
      });
      try {
        return await work();
      } finally {
        free += share;
        grant();
      }
    },
  };
}
