// @ts-check
// The error of set-up: like TkError, but in plain JavaScript, since set-up runs on a bare clone before anything is built.

/** Something that the machine lacks or that a package manager could not do; always exit code 3. */
export class SetupFailure extends Error {
  /**
   * @param {string} code stable kebab-case name, part of the `--json` contract
   * @param {string} message one line: what is wrong and where
   * @param {string} hint how to mend it
   */
  constructor(code, message, hint) {
    super(message);
    this.name = 'SetupFailure';
    this.code = code;
    this.hint = hint;
  }
}
