// jsfive has no types of its own.
declare module 'jsfive' {
  export class File {
    constructor(bytes: ArrayBuffer, name: string);
  }
}
