// Working on several things at a time, and taking the results in order.

/** A few at a time keep the processor busy: photos are decoded and cut up while the networks look at others. */
const AT_ONCE = 4;

/**
 * Runs `work` on every item, a few ahead of what the caller has taken; yields in the items' order. A slow source of
 * items holds no result back.
 */
export async function* inOrder<T, R>(
  items: Iterable<T> | AsyncIterable<T>,
  work: (item: T) => Promise<R>,
): AsyncGenerator<{ item: T; result: R }> {
  const source = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  const running: { item: T; outcome: Promise<R> }[] = [];
  let next: Promise<IteratorResult<T>> | null = null;
  let exhausted = false;
  try {
    while (true) {
      if (!exhausted && running.length < AT_ONCE) next ??= Promise.resolve(source.next());
      const step = await firstOf(next, running[0]?.outcome);
      if (step === null) return;
      if (step.kind === 'result') yield { item: running.shift()!.item, result: step.value };
      else {
        next = null;
        if (step.value.done) exhausted = true;
        else running.push(start(step.value.value, work));
      }
    }
  } finally {
    await Promise.allSettled(running.map(({ outcome }) => outcome));
    await source.return?.();
  }
}

type Step<T, R> = { kind: 'item'; value: IteratorResult<T> } | { kind: 'result'; value: R };

/** Whichever comes first: the next item or the oldest result; null where neither is to come. */
async function firstOf<T, R>(
  next: Promise<IteratorResult<T>> | null,
  oldest: Promise<R> | undefined,
): Promise<Step<T, R> | null> {
  const waiting: Promise<Step<T, R>>[] = [];
  if (next) waiting.push(next.then((value) => ({ kind: 'item', value })));
  if (oldest) waiting.push(oldest.then((value) => ({ kind: 'result', value })));
  return waiting.length > 0 ? Promise.race(waiting) : null;
}

function start<T, R>(item: T, work: (item: T) => Promise<R>): { item: T; outcome: Promise<R> } {
  const outcome = work(item);
  // A failure is thrown when its turn comes; until then nobody waits for it.
  outcome.catch(() => undefined);
  return { item, outcome };
}
