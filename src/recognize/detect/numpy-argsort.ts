// The order in which numpy's default argsort leaves equal values: its quicksort is not stable, and facenet-pytorch's last
// suppression takes what it gives (numpy/core/src/npysort/quicksort.cpp, the version without AVX-512).

/** Parts whose ends are at most so far apart are sorted by insertion, which keeps equal values in place. */
const SMALL = 15;

/** Indices of the values, ascending; equal ones in numpy's order. The values are finite. */
export function numpyArgsort(values: Float32Array): number[] {
  const order = Array.from(values.keys());
  const parts: [first: number, last: number][] = [[0, values.length - 1]];
  for (let part = parts.pop(); part; part = parts.pop()) {
    let [first, last] = part;
    while (last - first > SMALL) {
      const pivot = partition(values, order, first, last);
      // The larger part waits.
      if (pivot - first < last - pivot) {
        parts.push([pivot + 1, last]);
        last = pivot - 1;
      } else {
        parts.push([first, pivot - 1]);
        first = pivot + 1;
      }
    }
    sortByInsertion(values, order, first, last);
  }
  return order;
}

/** Quicksort's step with the median of three as pivot; gives the pivot's place. */
function partition(values: Float32Array, order: number[], first: number, last: number): number {
  const value = (place: number) => values[order[place]!]!;
  const swap = (a: number, b: number) => {
    [order[a], order[b]] = [order[b]!, order[a]!];
  };
  const middle = first + ((last - first) >> 1);
  if (value(middle) < value(first)) swap(middle, first);
  if (value(last) < value(middle)) swap(last, middle);
  if (value(middle) < value(first)) swap(middle, first);
  const pivot = value(middle);
  let up = first;
  let down = last - 1;
  swap(middle, down);
  while (true) {
    do up++;
    while (value(up) < pivot);
    do down--;
    while (pivot < value(down));
    if (up >= down) break;
    swap(up, down);
  }
  swap(up, last - 1);
  return up;
}

function sortByInsertion(values: Float32Array, order: number[], first: number, last: number): void {
  for (let i = first + 1; i <= last; i++) {
    const moved = order[i]!;
    let place = i;
    for (; place > first && values[moved]! < values[order[place - 1]!]!; place--)
      order[place] = order[place - 1]!;
    order[place] = moved;
  }
}
