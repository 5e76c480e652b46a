// Files of the page that the build puts beside the program: style, script, and the layout library as a worker.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { environmentError } from '../../errors.ts';
import { packageRoot } from '../../runtime/environment.ts';

/** @throws TkError `not-built` (exit 3) */
export function pageFile(name: 'picture.css' | 'page.css' | 'page.js' | 'elk-worker.js.gz.base64'): string {
  const file = join(packageRoot, 'dist', 'graph-page', name);
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw environmentError('not-built', `${file} is missing`, 'run: npm run build', error);
  }
}
