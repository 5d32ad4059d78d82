import { isSecretName } from "./secret-name.ts";
import { namedValues, type Span, urlPasswords } from "./secret-spans.ts";
import { bare } from "./words.ts";

const OPTION = /^--?\w[\w-]*$/;
const IS_OPTION = /^-(?:-|.?$)/s;
const SHELL = /^(?:ba|da|a|z|k)?sh$/;
/** `-p` of these takes its value at once. */
const MYSQL = /^(?:mysql|mariadb)/;
/** What stands before the program of a command: options, variables, durations, programs that run another, a shell's words. */
const BEFORE_PROGRAM =
  /^-|^\w+=|^[\d.]+[smhd]?$|^(?:command|doas|env|exec|nice|nohup|sudo|time|timeout)$|^(?:[{!]|do|else|if|then|until|while)$/;

/** Where the secrets of a command are, whose words are these parts of the text. */
export function secretsOfCommand(text: string, words: readonly Span[]): Span[] {
  let program = "";
  let previous = "";
  return words.flatMap(([from, to]) => {
    const word = text.slice(from, to);
    const spans = secretsOfWord(word, program, previous);
    if (program === "" && !BEFORE_PROGRAM.test(word)) program = word.slice(word.lastIndexOf("/") + 1);
    previous = word;
    return spans.map(([start, end]): Span => [from + start, from + end]);
  });
}

/** Where the secrets of a line for a shell are. */
export const secretsOfLine = (line: string): Span[] =>
  commandsOf(line).flatMap((words) => secretsOfCommand(line, words));

function secretsOfWord(word: string, program: string, previous: string): Span[] {
  if (OPTION.test(previous) && isSecretName(previous) && !IS_OPTION.test(word)) return [[0, word.length]];
  if (SHELL.test(program) && /^-\w*c$/.test(previous)) return secretsOfLine(word);
  const [p] = (MYSQL.test(program) && /^["']?-p/.exec(word)) || [];
  if (p) return [[p.length, word.length]];
  return [...urlPasswords(word), ...namedValues(word), ...assigned(word)];
}

/** All that a word gives to a name, blanks included. */
function assigned(word: string): Span[] {
  const equals = word.indexOf("=");
  const before = word.slice(0, Math.max(equals, 0));
  if (/\s/.test(before) || !isSecretName(before.split(/[^\w-]/).at(-1) ?? "")) return [];
  const [quote = ""] = /^["']/.exec(word) ?? [];
  return [[equals + 1, word.length - (quote && word.endsWith(quote) ? 1 : 0)]];
}

/** The commands of a line and their words, with the quotes that they have there. */
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
