// Completion for zsh.
import type { CommandWords, OptionWords, Value } from './words.ts';

/** The script to source, or to save as _rvq in a folder of $fpath. */
export function zshScript(commands: readonly CommandWords[]): string {
  const [program, ...named] = commands;
  return `#compdef rvq
# zsh completion for rvq. In ~/.zshrc, after compinit: source <(rvq completion zsh)
_rvq() {
  local context state state_descr line
  typeset -A opt_args
  local -a commands=(
${named.map(({ name, summary }) => `    ${quote(`${name}:${summary}`)}`).join('\n')}
  )
  _arguments -C ${[...program.options.map(optionSpec), quote('1: :->command'), quote('*:: :->arguments')].join(' ')}
  case $state in
    command) _describe command commands ;;
    arguments)
      case $line[1] in
${named.map((command) => `        ${command.name}) _arguments -s ${specs(command).join(' ')} ;;`).join('\n')}
      esac ;;
  esac
}
if [[ $funcstack[1] == _rvq ]]; then _rvq "$@"; else compdef _rvq rvq; fi
`;
}

function specs(command: CommandWords): string[] {
  return [...command.options.map(optionSpec), ...command.arguments.map(({ name, value }, i) => quote(`${i + 1}:${escaped(name)}:${action(value)}`))];
}

/** As _arguments reads it: (excludes)flags[description]:message:action. */
function optionSpec({ flags, description, value }: OptionWords): string {
  const words = quote(`[${escaped(description)}]${value === undefined ? '' : `:value:${action(value)}`}`);
  // --long=value as well as --long value
  const spelled = flags.map((flag) => (value !== undefined && flag.startsWith('--') ? `${flag}=` : flag));
  return flags.length === 1 ? `${quote(spelled[0])}${words}` : `${quote(`(${flags.join(' ')})`)}{${spelled.join(',')}}${words}`;
}

function action(value: Value): string {
  if (value.kind === 'choice') return `(${value.choices.map(escaped).join(' ')})`;
  if (value.kind === 'other') return ' ';
  // (...|) and not (...), which at the end of a pattern would be qualifiers
  return value.extensions.length === 0 ? '_files' : `_files -g "*.(${value.extensions.join('|')}|)"`;
}

/** What means something in a spec. */
function escaped(text: string): string {
  return text.replace(/[\\[\]:()]/g, '\\$&');
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
