// Completion for fish.
import type { CommandWords, OptionWords, Value } from './words.ts';

/** The script to source, or to save as ~/.config/fish/completions/rvq.fish. */
export function fishScript(commands: readonly CommandWords[]): string {
  const [program, ...named] = commands;
  const names = named.map(({ name }) => name).join(' ');
  return `# fish completion for rvq. rvq completion fish > ~/.config/fish/completions/rvq.fish
# How many arguments the command has before the cursor: words that are no option and no option's value.
function __rvq_place
  set -l words (commandline -opc)[2..-1]
  set -l command $words[1]
  set -l place 0
  set -l skip 0
  for word in $words[2..-1]
    if test $skip = 1
      set skip 0
    else if __rvq_takes_value $command $word
      set skip 1
    else if not string match -qr -- '^-.' $word
      set place (math $place + 1)
    end
  end
  test $place = $argv[1]
end
function __rvq_is
  set -l words (commandline -opc)
  test (count $words) -ge 2; and test $words[2] = $argv[1]
end
function __rvq_takes_value
  switch "$argv[1] $argv[2]"
${named.flatMap(valuedCases).join('\n')}
  end
  return 1
end
function __rvq_files
  set -l endings (string join '|' -- $argv)
  __fish_complete_path (commandline -ct) | string match -r -- '.*(?:/|\\.(?:'$endings'))(?:\\t.*)?$'
end
complete -c rvq -f
${program.options.map((option) => complete(`not __fish_seen_subcommand_from ${names}`, optionSpec(option))).join('\n')}
${named.map(({ name, summary }) => complete(`not __fish_seen_subcommand_from ${names}`, `-a ${quote(name)} -d ${quote(summary)}`)).join('\n')}
${named.flatMap(commandLines).join('\n')}
`;
}

function commandLines({ name, options, arguments: given }: CommandWords): string[] {
  const seen = `__rvq_is ${name}`;
  return [
    ...options.map((option) => complete(seen, optionSpec(option))),
    ...given.map(({ value }, place) => complete(`${seen}; and __rvq_place ${place}`, offer(value))),
  ];
}

function complete(condition: string, spec: string): string {
  return `complete -c rvq -n ${quote(condition)} ${spec}`;
}

function valuedCases({ name, options }: CommandWords): string[] {
  const patterns = options.filter(({ value }) => value !== undefined).flatMap(({ flags }) => flags.map((flag) => quote(`${name} ${flag}`)));
  return patterns.length === 0 ? [] : [`    case ${patterns.join(' ')}`, '      return 0'];
}

function optionSpec({ flags, description, value }: OptionWords): string {
  const names = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
  return [...names, ...(value === undefined ? [] : [takes(value), offer(value)]), `-d ${quote(description)}`].filter(Boolean).join(' ');
}

/** That it has a value, and what is offered for it besides `offer`: nothing, or any file. */
function takes(value: Value): string {
  return value.kind === 'file' && value.extensions.length === 0 ? '-r' : '-x';
}

function offer(value: Value): string {
  if (value.kind === 'choice') return `-a ${quote(value.choices.join(' '))}`;
  if (value.kind === 'other') return '';
  if (value.extensions.length === 0) return '-F';
  return `-a ${quote(`(__rvq_files ${value.extensions.join(' ')})`)}`;
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
