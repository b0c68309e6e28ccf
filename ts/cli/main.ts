#!/usr/bin/env node
// The command rvq: one file a command beside this one, which puts them together and ends the process with the right code.
import { Command, CommanderError } from 'commander';
import { version } from '../../package.json';
import { accessError } from '../node/access.ts';
import { removeTemporaries } from '../node/write.ts';
import { hasColors } from './color.ts';
import { addCompare } from './compare.ts';
import { addCompletion } from './completion.ts';
import { addDecode } from './decode.ts';
import { addEncode } from './encode.ts';
import { addEval } from './eval.ts';
import { EXIT, errorText, exitCode, ReaderGone } from './exit.ts';
import { addInfo } from './info.ts';
import { outputOptions } from './options.ts';
import { isStdoutForData, printError, setOutput } from './output.ts';
import { addSpark } from './spark.ts';
import { addStats } from './stats.ts';
import { suggestChoices, unknownOption } from './suggest.ts';
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
    .addHelpText('after', EXAMPLES)
    .hook('preAction', (_, command) => setOutput(command.opts()));
  for (const add of [addTrain, addEncode, addDecode, addEval, addStats, addInfo, addCompare, addSpark, addCompletion]) {
    const command = add(program);
    for (const option of outputOptions()) command.addOption(option);
    oneLineErrors(command);
  }
  suggestChoices(program);
  return oneLineErrors(program);
}

/** Usage errors on one line, which says where to read on. */
function oneLineErrors(command: Command): Command {
  const help = command.parent === null ? 'rvq help' : `rvq help ${command.name()}`;
  const colors = { getOutHasColors: () => hasColors(process.stdout), getErrHasColors: () => hasColors(process.stderr) };
  return command
    .configureHelp({ styleTitle: (title) => `\x1b[1m${title}\x1b[22m` }) // taken out where there are no colours
    .configureOutput({
      ...colors,
      outputError(text) {
        const line = text
          .replace(/^error: /, '')
          .trim()
          .replace(/\.$/, '')
          .replace(/\s*\n\s*/g, ' ');
        const misspelt = line.startsWith('required option') ? unknownOption(command, process.argv.slice(2)) : undefined;
        printError(`${misspelt ?? line} (see ${help})`, EXIT.usage);
      },
    });
}

/** The code to end with; what went wrong is told on stderr. */
async function run(argv: readonly string[]): Promise<number> {
  // What is said before the options are read: that they are wrong.
  setOutput({ json: argv.includes('--json'), quiet: argv.includes('--quiet') });
  try {
    await createProgram().parseAsync(argv);
    return EXIT.done;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage; // it has said why itself
    const code = exitCode(error);
    if (!(error instanceof ReaderGone)) printError(errorText(error), code, error);
    return code;
  }
}

/** A reader who has gone wants no more, and no complaint. What streams to stdout hears of it itself: see stdout.ts. */
function onOutputError(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE' || isStdoutForData()) return;
  printError(accessError('standard output', 'write', error).message, EXIT.failed);
  process.exitCode = EXIT.failed;
}

process.stdout.on('error', onOutputError);
process.stderr.on('error', () => {}); // notes that no one can read must not end the work
process.on('exit', removeTemporaries); // there are none, unless it had to end at once
run(process.argv).then((code) => {
  process.exitCode ||= code;
});
