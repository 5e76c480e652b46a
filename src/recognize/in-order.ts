// Working on several things at a time, and taking the results in order.

/** Two at a time keep the processor busy: one photo is decoded and cut up while the networks look at another. */
const AT_ONCE = 2;

/** Runs `work` on every item, a few ahead of what the caller has taken; yields in the items' order. */
export async function* inOrder<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
): AsyncGenerator<{ item: T; result: R }> {
  const running: Promise<R>[] = [];
  let next = 0;
  try {
    for (const item of items) {
      while (next < items.length && running.length < AT_ONCE) {
        const promise = work(items[next++]!);
        promise.catch(() => undefined);
        running.push(promise);
      }
      yield { item, result: await running.shift()! };
    }
  } finally {
    await Promise.allSettled(running);
  }
}
