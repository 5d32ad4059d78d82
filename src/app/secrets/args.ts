import { bare } from "../shell-words.ts";
import { knownForms } from "./forms.ts";
import { headerSecrets } from "./headers.ts";
import { endsWithSecret, optionSecrets, optionsOf } from "./options.ts";
import { isSecretName } from "./secret-name.ts";
import { namedValues, type Span, urlPasswords } from "./spans.ts";

const OPTION = /^--?\w[\w-]*$/;
const IS_OPTION = /^-(?:-|.?$)/s;
const SHELL = /^(?:ba|da|a|z|k)?sh$/;
/** Maximum number of words of a program with subcommands, e.g. `helm registry login`, and of characters of each. */
const MAX_VERBS = 6;
const VERB = 40;
/** Words before the program of a command: options, variables, durations, wrappers such as sudo, shell keywords. */
const BEFORE_PROGRAM =
  /^-|^\w+=|^[\d.]+[smhd]?$|^(?:command|doas|env|exec|nice|nohup|sudo|time|timeout)$|^(?:[{!]|do|else|if|then|until|while)$/;

/** Options of wrappers whose value is the next word. */
const VALUE_OPTIONS: Readonly<Record<string, RegExp>> = {
  doas: /^-[uC]$/,
  env: /^-(?:[uC]|-unset|-chdir)$/,
  exec: /^-a$/,
  nice: /^-(?:n|-adjustment)$/,
  sudo: /^-(?:[ughpCTDRUrt]|-(?:user|group|host|prompt|chdir|chroot|other-user|role|type))$/,
  time: /^-[fo]$/,
  timeout: /^-(?:[sk]|-signal|-kill-after)$/,
};

/** The spans of secrets in a command. @param words the spans of its words. */
export function secretsOfCommand(text: string, words: readonly Span[]): Span[] {
  const verbs: string[] = [];
  let previous = "";
  let runner = "";
  const spans = words.flatMap(([from, to]) => {
    const word = text.slice(from, to);
    const spans = secretsOfWord(word, { verbs, previous });
    const isProgram = !BEFORE_PROGRAM.test(word) && !VALUE_OPTIONS[runner]?.test(previous);
    if (Object.hasOwn(VALUE_OPTIONS, word)) runner = word;
    if (verbs.length === 0 ? isProgram : verbs.length < MAX_VERBS && !word.startsWith("-")) {
      verbs.push(verbs.length === 0 ? word.slice(word.lastIndexOf("/") + 1) : word.slice(0, VERB));
    }
    previous = word;
    return spans.map(([start, end]): Span => [from + start, from + end]);
  });
  const last = words.at(-1);
  const all = () => words.slice(1).map((place) => text.slice(...place));
  return last && words.length > 1 && endsWithSecret(verbs.join(" "), all) ? [...spans, last] : spans;
}

/** The spans of secrets in a shell command line. */
export const secretsOfLine = (line: string): Span[] =>
  commandsOf(line).flatMap((words) => secretsOfCommand(line, words));

interface Before {
  /** The program, and its subcommands. */
  readonly verbs: readonly string[];
  readonly previous: string;
}

function secretsOfWord(word: string, { verbs, previous }: Before): Span[] {
  const [program = ""] = verbs;
  if (OPTION.test(previous) && isSecretName(previous) && !IS_OPTION.test(word)) return [[0, word.length]];
  if (SHELL.test(program) && /^-\w*c$/.test(previous)) return secretsOfScript(word);
  return [
    ...optionSecrets(verbs.length > 0 ? optionsOf(verbs.join(" ")) : [], previous, word),
    ...headerSecrets(program, previous, word),
    ...urlPasswords(word),
    ...namedValues(word),
    ...assigned(word),
    ...knownForms(word),
  ];
}

/** The content of a quoted line. */
function secretsOfScript(word: string): Span[] {
  const isQuoted = /^(["'])[\s\S]*\1$/.test(word) && word.length > 1;
  if (!isQuoted) return secretsOfLine(word);
  return secretsOfLine(word.slice(1, -1)).map(([from, to]): Span => [from + 1, to + 1]);
}

/** The whole value after a name in a word, including blanks. */
function assigned(word: string): Span[] {
  const equals = word.indexOf("=");
  if (equals < 0) return [];
  const before = word.slice(0, equals);
  if (/\s/.test(before) || !isSecretName(before.split(/[^\w-]/).at(-1) ?? "")) return [];
  const [quote = ""] = /^["']/.exec(word) ?? [];
  return [[equals + 1, word.length - (quote && word.endsWith(quote) ? 1 : 0)]];
}

/** The commands of a line with the spans of their words, including quotes. */
function commandsOf(line: string): Span[][] {
  const commands: Span[][] = [[]];
  let from = 0;
  const cut = (to: number) => {
    if (to > from) commands.at(-1)?.push([from, to]);
    from = to + 1;
  };
  for (const at of bare(line).at) {
    const sign = line[at] ?? "";
    if (!/[\s;&|<>()]/.test(sign)) continue;
    cut(at);
    if (/[;&|(\n]/.test(sign)) commands.push([]);
  }
  cut(line.length);
  return commands;
}
