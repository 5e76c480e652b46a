// The library: each command as a function.
export { type ConvertOptions, type ConvertResult, convert } from './convert/convert.ts';
export { EXIT, TkError } from './errors.ts';
