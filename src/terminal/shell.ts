// Commands that people copy out of messages.

/** A word of a command line as a POSIX shell takes it: quoted where it has more than names and paths usually have. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
