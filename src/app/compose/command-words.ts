const OPERATORS = new Set(";&|<>");
const BLANKS = new Set(" \t\r\n");

/**
 * Splits a command line as Compose does, which is not a shell: quotes and backslashes are removed, everything after an
 * operator is ignored, and `$(…)` and backquotes are kept.
 * @returns undefined for an open quote or parenthesis.
 */
export function commandWords(line: string): string[] | undefined {
  const words: string[] = [];
  let text = "";
  let isWord = false;
  let isEscaped = false;
  const open = { single: false, double: false, back: false, command: false };
  const isOpen = () => Object.values(open).some(Boolean);
  const end = () => {
    if (isWord) words.push(text);
    text = "";
    isWord = false;
  };

  for (const char of line) {
    const isPlain = !open.single && !open.double;
    if (!isEscaped && char === "\\" && !open.single) {
      isEscaped = true;
      continue;
    }
    if (isEscaped || char === "\\") {
      isEscaped = false;
    } else if (BLANKS.has(char) && !isOpen()) {
      end();
      continue;
    } else if (char === "`" && isPlain && !open.command) open.back = !open.back;
    else if (char === ")" && isPlain && !open.back) open.command = !open.command;
    else if (char === "(" && isPlain && !open.back) {
      if (open.command || !text.endsWith("$")) return undefined;
      open.command = true;
    } else if (char === '"' && !open.single && !open.command) {
      isWord ||= open.double;
      open.double = !open.double;
      continue;
    } else if (char === "'" && !open.double && !open.command) {
      isWord ||= open.single;
      open.single = !open.single;
      continue;
    } else if (OPERATORS.has(char) && !isOpen()) {
      // The number of a file descriptor is part of the operator.
      if (char === ">" && /^\d/.test(text)) isWord = false;
      break;
    }
    text += char;
    isWord ||= !(BLANKS.has(char) && isOpen());
  }
  end();
  return isEscaped || isOpen() ? undefined : words;
}
