import { width } from "./width.ts";

/** What lines are drawn to. */
export interface Screen {
  write(text: string): void;
  /** How wide it is now. */
  columns(): number;
  rows(): number;
}

/**
 * The terminal as cli-progress asks for it: it draws some lines again and again. Each time they are written at once,
 * in the place of those before, and nothing of the terminal is changed that would have to be restored.
 */
export class Frame {
  readonly #screen: Screen;
  #lines = "";
  #drawn: readonly string[] = [];
  #columns = 0;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  /** Writes what has come since the last reset, unless it is there already. */
  draw(): void {
    const columns = this.#screen.columns();
    if (columns === this.#columns && this.#lines === this.#drawn.join("\n")) return;
    this.#screen.write(this.#erasure() + this.#lines);
    this.#drawn = this.#lines === "" ? [] : this.#lines.split("\n");
    this.#columns = columns;
  }

  /** Takes all of it off the screen. */
  erase(): void {
    const erasure = this.#erasure();
    if (erasure !== "") this.#screen.write(erasure);
    this.#drawn = [];
  }

  /** A window that has been made narrower since has broken lines in two, as most terminals do. */
  #erasure(): string {
    const columns = Math.max(this.#screen.columns(), 1);
    const rows = this.#drawn.reduce((sum, line) => sum + Math.max(Math.ceil(width(line) / columns), 1), 0);
    if (rows === 0) return "";
    return `\r${rows > 1 ? `\x1b[${rows - 1}A` : ""}\x1b[J`;
  }

  // What cli-progress calls.

  isTTY = () => true;
  getWidth = () => this.#screen.columns();

  cursorRelativeReset(): void {
    this.#lines = "";
  }

  newline(): void {
    this.#lines += "\n";
  }

  write(line: string): void {
    this.#lines += line;
  }

  // A frame is drawn as a whole: the cursor has nowhere to go in it.
  cursorTo(): void {}
  clearRight(): void {}
  clearBottom(): void {}
  clearLine(): void {}
}
