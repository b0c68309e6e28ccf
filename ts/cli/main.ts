#!/usr/bin/env node
// The command rvq: one file a command beside this one, which puts them together and ends the process with the right code.
import { Command, CommanderError } from 'commander';
import { version } from '../../package.json';
import { accessError } from '../node/access.ts';
import { addCompare } from './compare.ts';
import { addDecode } from './decode.ts';
import { addEncode } from './encode.ts';
import { addEval } from './eval.ts';
import { EXIT, errorText, exitCode } from './exit.ts';
import { addInfo } from './info.ts';
import { printNote } from './terminal.ts';
import { addTrain } from './train.ts';

const EXAMPLES = `
Examples:
  rvq train vectors.fvecs -o book.safetensors --stages 8 --codewords 256
  rvq encode book.safetensors vectors.fvecs -o codes.safetensors
  rvq decode book.safetensors codes.safetensors -o rebuilt.fvecs
  rvq eval book.safetensors vectors.fvecs

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 bad input, 130 interrupted.`;

function createProgram(): Command {
  const program = new Command('rvq')
    .description('Residual vector quantization: vectors to small codes and back.')
    .version(version, '--version', 'print the version')
    .helpCommand('help [command]', 'explain a command')
    .exitOverride()
    .addHelpText('after', EXAMPLES);
  for (const add of [addTrain, addEncode, addDecode, addEval, addInfo, addCompare]) oneLineErrors(add(program));
  return oneLineErrors(program);
}

/** Usage errors on one line, which says where to read on. */
function oneLineErrors(command: Command): Command {
  const help = command.parent === null ? 'rvq help' : `rvq help ${command.name()}`;
  return command.configureOutput({
    outputError(text, write) {
      write(
        `rvq: ${text
          .replace(/^error: /, '')
          .trim()
          .replace(/\.$/, '')
          .replace(/\s*\n\s*/g, ' ')} (see ${help})\n`,
      );
    },
  });
}

/** The code to end with; what went wrong is told on stderr. */
async function run(argv: readonly string[]): Promise<number> {
  try {
    await createProgram().parseAsync(argv);
    return EXIT.done;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage; // it has said why itself
    printNote(errorText(error));
    return exitCode(error);
  }
}

/** A reader who has gone wants no more, and no complaint. Results are printed last, so there is nothing to stop. */
function onOutputError(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') return;
  printNote(accessError('standard output', 'write', error).message);
  process.exitCode = EXIT.failed;
}

process.stdout.on('error', onOutputError);
process.stderr.on('error', () => {}); // notes that no one can read must not end the work
run(process.argv).then((code) => {
  process.exitCode ||= code;
});
