// What can be completed, read from the program itself: whatever its help tells of. What a file may be called its description says.
import type { Argument, Command, Option } from 'commander';

/** A value: one of some words, a file with one of some extensions (of any, where there are none), or something that nobody can guess. */
export type Value =
  | { readonly kind: 'choice'; readonly choices: readonly string[] }
  | { readonly kind: 'file'; readonly extensions: readonly string[] }
  | { readonly kind: 'other' };

export interface OptionWords {
  /** `-o` and `--output`. */
  readonly flags: readonly string[];
  readonly description: string;
  /** Where it takes one. */
  readonly value?: Value;
}

export interface CommandWords {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly OptionWords[];
  readonly arguments: readonly { readonly name: string; readonly value: Value }[];
}

/** The commands of a program. The program itself is the first of them, under the name of ''. */
export function wordsOf(program: Command): CommandWords[] {
  const help = program.createHelp();
  const commands = help.visibleCommands(program);
  const names = commands.map((command) => command.name());
  const described = commands.map((command) => ({
    name: command.name(),
    summary: command.summary() || command.description(),
    options: help.visibleOptions(command).map(optionWords),
    arguments: command.registeredArguments.map((argument) => ({
      name: argument.name(),
      value: command.name() === 'help' ? { kind: 'choice' as const, choices: names } : argumentValue(argument),
    })),
  }));
  return [{ name: '', summary: '', options: help.visibleOptions(program).map(optionWords), arguments: [] }, ...described];
}

function optionWords(option: Option): OptionWords {
  const flags = [option.short, option.long].filter((flag) => flag != null);
  const { description } = option;
  if (!option.required && !option.optional) return { flags, description };
  if (option.argChoices !== undefined) return { flags, description, value: { kind: 'choice', choices: option.argChoices } };
  // A value that is called a file is one.
  const value: Value = option.flags.includes('<file>') ? { kind: 'file', extensions: extensionsIn(description) } : { kind: 'other' };
  return { flags, description, value };
}

function argumentValue({ argChoices, description }: Argument): Value {
  return argChoices === undefined ? { kind: 'file', extensions: extensionsIn(description) } : { kind: 'choice', choices: argChoices };
}

function extensionsIn(description: string): string[] {
  return [...new Set(Array.from(description.matchAll(/(?<![\w.])\.(\w+)/g), ([, extension]) => extension))];
}
