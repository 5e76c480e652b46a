// What yargs says of a command line that it does not take, in words that name the command and where its flags are listed.
import { badInput, type TkError } from './errors.ts';

/**
 * @param said yargs' message; it spreads what it says of wrong choices over lines
 * @param args the command line behind `tk`
 */
export function usageError(said: string, args: readonly string[]): TkError {
  const message = said.replace(/\s*\n\s*/g, ' ').replaceAll('\0', '');
  const [command, ...parents] = commandWords(args).reverse();
  const help = ['tk', ...parents, '--help'].join(' ');
  if (command !== undefined) {
    const meant = /^Did you mean (.+)\?$/.exec(message)?.[1];
    if (meant !== undefined && isNear(command, meant)) {
      const line = ['tk', ...parents, meant].join(' ');
      return badInput(
        'usage',
        `there is no command ${command}`,
        `did you mean ${line}? all commands: ${help}`,
      );
    }
    if (
      meant !== undefined ||
      message === `Unknown argument: ${command}` ||
      message === `Unknown command: ${command}`
    ) {
      return badInput('usage', `there is no command ${command}`, `all commands: ${help}`);
    }
  }
  const full = ['tk', ...commandWords(args)].join(' ');
  const line = message.startsWith('Not enough non-option arguments') ? `${full} lacks an argument` : message;
  return badInput('usage', line, `run: ${full} --help`);
}

/** yargs takes any command that three changes make, which of a short word are all its letters. */
function isNear(command: string, meant: string): boolean {
  return command.length > 5 || command[0] === meant[0];
}

/** The command, and of `tk gallery` its own too. */
function commandWords(args: readonly string[]): string[] {
  const first = args.findIndex((arg) => arg.startsWith('-'));
  return args.slice(0, Math.min(first < 0 ? args.length : first, args[0] === 'gallery' ? 2 : 1));
}
