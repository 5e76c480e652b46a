// The networks that tk knows by name. The worker has their code (python/tk_worker); these names are enough to check a
// command line without starting it.

export const BUILTIN_NETWORKS = [
  'magface-iresnet18',
  'magface-iresnet50',
  'magface-iresnet100',
  'mtcnn-pnet',
  'mtcnn-rnet',
  'mtcnn-onet',
  'retinaface-mobilenet',
  'dlib-face',
  'mobilefacenet',
] as const;

/** Networks whose weights a package of the environment carries. */
export const WEIGHTS_IN_PACKAGES: readonly string[] = ['mtcnn-pnet', 'mtcnn-rnet', 'mtcnn-onet', 'dlib-face'];

/** The known name nearest to a mistyped one, when it is near enough to be meant. */
export function nearestBuiltin(name: string): string | null {
  const ranked = BUILTIN_NETWORKS.map((known) => ({ known, distance: editDistance(name, known) }));
  ranked.sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best && best.distance <= Math.max(2, best.known.length / 3) ? best.known : null;
}

/** Levenshtein's distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
