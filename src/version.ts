// The version of tk, from package.json (bundled at build time).
import manifest from '../package.json' with { type: 'json' };

export const VERSION: string = manifest.version;
