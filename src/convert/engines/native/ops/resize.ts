import type { OpEntry } from './entry.ts';
export const entries: OpEntry[] = [];
