/** How a character looks. */
export interface Look {
  readonly color?: number;
  readonly bold?: boolean;
  readonly dim?: boolean;
}

interface Cell extends Look {
  readonly text: string;
}

/** Characters that look the same. */
export interface Run extends Look {
  readonly text: string;
}

const SEQUENCE = /^\x1b\[(\??)([\d;]*)([A-Za-z])/;

/** Sequences that change nothing a picture shows: modes, and a query for the cursor's position. */
const INVISIBLE = new Set(["h", "l", "n"]);

/**
 * What a terminal shows after it received some output, as a terminal with unlimited rows.
 * @param columns the width: longer lines wrap.
 * @throws for an escape sequence that it does not know, so that no picture is wrong.
 */
export function screenOf(output: string, columns: number): Run[][] {
  const rows: Cell[][] = [[]];
  let row = 0;
  let column = 0;
  let look: Look = {};
  const current = () => {
    while (rows.length <= row) rows.push([]);
    return rows[row] as Cell[];
  };
  const put = (text: string) => {
    if (column >= columns) {
      row += 1;
      column = 0;
    }
    const cells = current();
    while (cells.length < column) cells.push({ text: " " });
    cells[column] = { ...look, text };
    column += 1;
  };
  const control: Readonly<Record<string, () => void>> = {
    "\r": () => (column = 0),
    "\n": () => (row += 1),
    "\b": () => (column = Math.max(0, column - 1)),
    "\t": () => (column = (Math.floor(column / 8) + 1) * 8),
    "\x07": () => {},
  };
  const commands: Readonly<Record<string, (parameter: number) => void>> = {
    A: (count) => (row = Math.max(0, row - (count || 1))),
    C: (count) => (column += count || 1),
    D: (count) => (column = Math.max(0, column - (count || 1))),
    J: () => {
      rows.length = row + 1;
      current().length = Math.min(current().length, column);
    },
    K: () => (current().length = Math.min(current().length, column)),
  };

  for (let at = 0; at < output.length; ) {
    const rest = output.slice(at, at + 32);
    const [sequence, mark, parameters = "", command = ""] = SEQUENCE.exec(rest) ?? [];
    const character = String.fromCodePoint(output.codePointAt(at) ?? 0);
    if (sequence !== undefined) {
      if (command === "m") look = parameters.split(";").map(Number).reduce(withCode, look);
      else if (!mark && commands[command]) commands[command](Number(parameters.split(";")[0]));
      else if (!INVISIBLE.has(command)) throw new Error(`Unknown escape sequence ${JSON.stringify(sequence)}`);
    } else if (control[character]) control[character]();
    else if (character < " ") throw new Error(`Unknown control character in ${JSON.stringify(rest)}`);
    else put(character);
    at += (sequence ?? character).length;
  }
  current();
  return rows.map(runsOf);
}

function withCode(look: Look, code: number): Look {
  const { color, ...rest } = look;
  if (code === 0) return {};
  if (code === 1) return { ...look, bold: true };
  if (code === 2) return { ...look, dim: true };
  if (code === 22) return color === undefined ? {} : { color };
  if (code === 39) return rest;
  if ((code >= 30 && code <= 37) || (code >= 90 && code <= 97)) return { ...look, color: code };
  throw new Error(`Unknown colour code ${code}`);
}

const hasSameLook = (a: Look, b: Look) => a.color === b.color && a.bold === b.bold && a.dim === b.dim;

/** Without the spaces at the end. */
function runsOf(cells: readonly Cell[]): Run[] {
  const runs: Run[] = [];
  const end = cells.findLastIndex(({ text }) => text !== " ");
  for (const cell of cells.slice(0, end + 1)) {
    const last = runs.at(-1);
    if (last && hasSameLook(last, cell)) runs[runs.length - 1] = { ...last, text: last.text + cell.text };
    else runs.push(cell);
  }
  return runs;
}
