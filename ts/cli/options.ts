// Values of options: texts of the command line become numbers, or an error that says which were expected.
import { type Command, InvalidArgumentError, Option } from 'commander';
import { extensionList } from '../formats/extension.ts';
import type { Codec } from '../index.ts';
import { MAX_CODEWORDS } from '../model/codebook.ts';
import { packedRowBytes } from '../model/codes.ts';
import { count } from '../model/errors.ts';
import { MAX_DIM } from '../model/matrix.ts';
import { MAX_BEAM } from '../model/requests.ts';
import { flagName, UsageError } from './exit.ts';

/** A parser of integers from `min` to `max`, written in digits alone. */
export function integerOption({ min, max }: { min: number; max: number }): (text: string) => number {
  return (text) => {
    const value = digits(text);
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Expected an integer from ${count(min)} to ${count(max)}.`);
  };
}

/** "256", or one for each stage: "32,64,128". */
export function codewordsOption(text: string): number | number[] {
  const values = text.split(',').map(digits);
  if (!values.every((value) => value >= 1 && value <= MAX_CODEWORDS)) {
    throw new InvalidArgumentError('Expected the codewords of a stage, from 1 to 65,536, or a list of them such as 32,64,128.');
  }
  return values.length === 1 ? values[0] : values;
}

/** A parser of decimal numbers from 0 to `most`. */
export function partOption(most: number): (text: string) => number {
  return (text) => {
    const value = /^\d*\.?\d+(e-\d+)?$/i.test(text) ? Number(text) : Number.NaN;
    if (value >= 0 && value <= most) return value;
    throw new InvalidArgumentError(`Expected a number from 0 to ${most}.`);
  };
}

/** Nothing but digits, not so many that they would be rounded; else NaN. */
function digits(text: string): number {
  return /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
}

/** The API's range; what is there of it the verbs say. */
export const beamOption = integerOption({ min: 1, max: MAX_BEAM });

/** What every command understands: see output.ts. */
export function outputOptions(): Option[] {
  return [
    new Option('--json', 'print one JSON object, and notes as JSON on stderr'),
    new Option('-q, --quiet', 'no notes and no progress, errors alone'),
  ];
}

export function threadsOption(): Option {
  const option = new Option('--threads <n>', 'threads that share the work (default: all cores, or one where there is little to do)');
  return option.argParser(integerOption({ min: 1, max: 256 }));
}

/** Texts of the help, which shell completion reads the extensions from. */
export const HELP = {
  codebook: `the codebook, or a model whose codec to use: ${extensionList('codebook')}, .json (an index of shards) or a folder`,
  codebookOutput: `the codebook to write: ${extensionList('codebook', 'write')}; - for the bytes of that to standard output`,
  vectors: `the vectors: ${extensionList('vectors')}; - for raw float32 from standard input`,
  codes: `codes made with it: ${extensionList('codes')}; - for what encode -o - gives`,
  codesOutput: `the codes to write: ${extensionList('codes', 'write')}; - for bare codes to standard output`,
  vectorsOutput: `the vectors to write: ${extensionList('vectors', 'write')}; - for raw float32 to standard output`,
} as const;

/** The options that say which vectors of a file to read: see input.ts. */
export function addVectorOptions(command: Command): Command {
  return command
    .option('--tensor <name>', 'the tensor of the vectors, where a .safetensors file holds several')
    .option('--array <name>', 'the array of the vectors, where an .npz file holds several')
    .option('--column <name>', 'the column of the vectors, where a .parquet or .arrow file holds several')
    .option('--dim <n>', 'floats a row, where nothing else says so: in raw float32', integerOption({ min: 1, max: MAX_DIM }));
}

export function prefixOption(): Option {
  return new Option('--prefix <text>', 'with what the names of the tensors of the codec begin, where a model holds several');
}

/** An argument or option that only some ways to use a command need, in the words of commander where it is not there. */
export function needed(command: Command, name: string, value: string | undefined): string {
  return value ?? command.error(`error: ${name.startsWith('-') ? `required option '${name}' not specified` : `missing required argument '${name}'`}`);
}

/** Refuses options that have no meaning here, by the names of their values. */
export function refuseFlags(here: string, flags: object, names: readonly string[]): void {
  for (const [name, value] of Object.entries(flags)) {
    if (value === undefined || !names.includes(name)) continue;
    throw new UsageError(`${flagName(name)}: has no meaning ${here}`);
  }
}

/** --packed: codes of stages of one codeword each take no bits. */
export function checkPacked({ codewords }: Codec): void {
  if (packedRowBytes(codewords) === 0) throw new UsageError('--packed: codes of one codeword a stage take no bits: leave it out');
}
