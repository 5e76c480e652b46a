// --report: the record as a file.
import { badInput } from '../errors.ts';
import { type ParityRecord, writeParity } from '../formats/output/parity.ts';

/**
 * Writes the record, whole or not at all.
 *
 * @throws TkError `unwritable` (exit 2)
 */
export function writeReport(path: string, record: ParityRecord): void {
  try {
    writeParity(path, record);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw badInput('unwritable', `the report cannot be written: ${reason}`, 'name another --report', cause);
  }
}
