// rvq completion: a script that lets a shell complete commands, options and files.
import { Argument, type Command } from 'commander';
import { bashScript } from './completion/bash.ts';
import { fishScript } from './completion/fish.ts';
import { type CommandWords, wordsOf } from './completion/words.ts';
import { zshScript } from './completion/zsh.ts';
import { printResult } from './output.ts';

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript } as const satisfies Record<
  string,
  (commands: readonly CommandWords[]) => string
>;

type Shell = keyof typeof SCRIPTS;

const EXAMPLES = `
Examples:
  source <(rvq completion bash)                                  in ~/.bashrc
  source <(rvq completion zsh)                                   in ~/.zshrc, after compinit
  rvq completion fish > ~/.config/fish/completions/rvq.fish      once`;

export function addCompletion(program: Command): Command {
  return program
    .command('completion')
    .summary('print a script that completes commands in a shell')
    .description('Print a script that lets a shell complete the commands, options, choices and files of rvq.')
    .addArgument(new Argument('<shell>', 'the shell').choices(Object.keys(SCRIPTS)))
    .addHelpText('after', EXAMPLES)
    .action((shell: Shell) => {
      const script = SCRIPTS[shell](wordsOf(program));
      printResult({ shell, script }, script.trimEnd());
    });
}
