// A full disk in the words of a conversion, whoever met it.
import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ioFailure } from '../../src/convert/io-failure.ts';
import { unwritable } from '../../src/system-failure.ts';

/** A real error of a full disk. */
function full(): unknown {
  try {
    writeFileSync('/dev/full', 'x');
  } catch (error) {
    return error;
  }
  throw new Error('nothing failed');
}

describe.runIf(process.platform === 'linux')('a full disk (needs Linux: /dev/full)', () => {
  const told = { code: 'disk-full', exitCode: 3, message: 'the disk is full: out could not be written' };

  it('is told with the output that the user named, not with a draft of it', () => {
    expect(ioFailure(full(), '/tmp', 'out')).toMatchObject(told);
    const ofTheGate = unwritable('/tmp/.out.tk-new-1/parity.json', full(), 'change its permissions');
    expect(ioFailure(ofTheGate, '/tmp', 'out')).toMatchObject(told);
  });
});
