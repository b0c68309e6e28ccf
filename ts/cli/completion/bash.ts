// Completion for bash, 3.2 and later.
import type { CommandWords, Value } from './words.ts';

/** The script to source. What is looked at is the command, the option before the cursor, and the number of arguments before it. */
export function bashScript(commands: readonly CommandWords[]): string {
  return `# bash completion for rvq. In ~/.bashrc: source <(rvq completion bash)
_rvq() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous='' command='' place=0 i word
  # bash takes --option=value for three words
  if [[ $current == '=' ]]; then current=''; previous=\${COMP_WORDS[COMP_CWORD-1]}
  elif ((COMP_CWORD > 1)) && [[ \${COMP_WORDS[COMP_CWORD-1]} == '=' ]]; then previous=\${COMP_WORDS[COMP_CWORD-2]}
  else previous=\${COMP_WORDS[COMP_CWORD-1]}; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ $word == '=' ]]; then ((i++))
    elif [[ -z $command ]]; then [[ $word == -* ]] || command=$word
    elif _rvq_takes_value "$command" "$word"; then [[ \${COMP_WORDS[i+1]} == '=' ]] || ((i++))
    elif [[ $word != -?* ]]; then ((place++)); fi
  done
  COMPREPLY=()
  case "$command $previous" in
${commands.flatMap(optionCases).join('\n')}
  esac
  if [[ $current == -* ]]; then
    case $command in
${commands.map((command) => `      ${quote(command.name)}) _rvq_words ${quote(flagsOf(command).join(' '))} ;;`).join('\n')}
    esac
    return
  fi
  case "$command $place" in
    ' 0') _rvq_words ${quote(commands.flatMap(({ name }) => name || []).join(' '))} ;;
${commands.flatMap(argumentCases).join('\n')}
  esac
}
_rvq_takes_value() {
  case "$1 $2" in
${commands.flatMap(valuedCases).join('\n')}
  esac
  return 1
}
_rvq_words() { COMPREPLY=($(compgen -W "$1" -- "$current")); }
_rvq_files() {
  local extension IFS=$'\\n'
  compopt -o filenames 2>/dev/null # bash 3.2 has none
  COMPREPLY=($(compgen -d -- "$current"))
  for extension in "$@"; do COMPREPLY+=($(compgen -f -X "!*.$extension" -- "$current")); done
  (($# > 0)) || COMPREPLY=($(compgen -f -- "$current"))
}
complete -F _rvq rvq
`;
}

function flagsOf({ options }: CommandWords): string[] {
  return options.flatMap(({ flags }) => flags);
}

function valuedCases({ name, options }: CommandWords): string[] {
  const patterns = options.filter(({ value }) => value !== undefined).flatMap(({ flags }) => flags.map((flag) => quote(`${name} ${flag}`)));
  return patterns.length === 0 ? [] : [`    ${patterns.join('|')}) return 0 ;;`];
}

function optionCases({ name, options }: CommandWords): string[] {
  return options.flatMap(({ flags, value }) =>
    value === undefined ? [] : [`    ${flags.map((flag) => quote(`${name} ${flag}`)).join('|')}) ${offer(value)}; return ;;`],
  );
}

function argumentCases(command: CommandWords): string[] {
  return command.arguments.map(({ value }, place) => `    ${quote(`${command.name} ${place}`)}) ${offer(value)} ;;`);
}

function offer(value: Value): string {
  if (value.kind === 'choice') return `_rvq_words ${quote(value.choices.join(' '))}`;
  return value.kind === 'file' ? ['_rvq_files', ...value.extensions].join(' ') : ':';
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
