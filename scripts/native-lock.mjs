// Cuts the lock of the native npm packages out of the root's lock: what `tk setup` installs for an installed package is
// then, by construction, the tree that this checkout was tested with.

/** The packages that are loaded at run time and not bundled. */
export const NATIVE_PACKAGES = [
  // WebAssembly and data files of 16 MB, which find each other beside their own code.
  '@electric-sql/pglite',
  '@electric-sql/pglite-pgvector',
  '@tensorflow/tfjs-node',
  '@vladmandic/face-api',
  'onnxruntime-node',
  'sharp',
];

/**
 * @typedef {{ version?: string, dev?: boolean, optional?: boolean, devOptional?: boolean, peer?: boolean,
 *   dependencies?: Record<string, string>, optionalDependencies?: Record<string, string>,
 *   peerDependencies?: Record<string, string>, peerDependenciesMeta?: Record<string, { optional?: boolean }> }} Locked
 * @typedef {{ version: string, packages: Record<string, Locked> }} Lock
 */

/**
 * Gives package.json and package-lock.json of a package that depends on the native packages in their locked versions.
 *
 * @param {Lock} rootLock the parsed package-lock.json of the checkout
 */
export function cutNativeLock(rootLock) {
  const dependencies = Object.fromEntries(
    NATIVE_PACKAGES.map((name) => [name, String(rootLock.packages[`node_modules/${name}`]?.version)]),
  );
  const manifest = { name: 'tk-native', version: rootLock.version, private: true, dependencies };
  const kept = reachable(rootLock.packages, NATIVE_PACKAGES);
  /** @type {Record<string, Locked>} */
  const packages = Object.fromEntries(
    Object.entries(rootLock.packages)
      .filter(([path]) => kept.has(path))
      .map(([path, { dev: _dev, devOptional, ...rest }]) => [
        path,
        devOptional ? { ...rest, optional: true } : rest,
      ]),
  );
  /** @type {Lock & { name: string, lockfileVersion: number, requires: boolean }} */
  const lock = {
    name: manifest.name,
    version: manifest.version,
    lockfileVersion: 3,
    requires: true,
    packages: { '': manifest, ...packages },
  };
  return { manifest, lock };
}

/**
 * The lock's paths of everything that the named packages need, themselves included.
 *
 * @param {Record<string, Locked>} packages
 * @param {string[]} names
 */
function reachable(packages, names) {
  /** @type {Set<string>} */
  const kept = new Set();
  const queue = names.map((name) => ({ name, from: '' }));
  for (let next = queue.pop(); next; next = queue.pop()) {
    const path = resolve(packages, next.name, next.from);
    if (!path || kept.has(path)) continue;
    kept.add(path);
    for (const name of dependenciesOf(packages[path] ?? {})) queue.push({ name, from: path });
  }
  return kept;
}

/** @param {Locked} locked */
function dependenciesOf(locked) {
  const peers = Object.keys(locked.peerDependencies ?? {}).filter(
    (name) => !locked.peerDependenciesMeta?.[name]?.optional,
  );
  return [
    ...Object.keys(locked.dependencies ?? {}),
    ...Object.keys(locked.optionalDependencies ?? {}),
    ...peers,
  ];
}

/**
 * Node's own search: the nearest node_modules, outwards from the package that asks.
 *
 * @param {Record<string, Locked>} packages
 * @param {string} name
 * @param {string} from
 */
function resolve(packages, name, from) {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    const path = `${folder}${folder ? '/' : ''}node_modules/${name}`;
    if (packages[path]) return path;
    if (!folder) return null;
    if (!folder.includes('/node_modules/')) folder = '';
  }
}
