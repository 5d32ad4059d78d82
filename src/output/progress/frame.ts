import { displayWidth } from "../table.ts";

export interface Screen {
  write(text: string): void;
  /** Current size. */
  columns(): number;
  rows(): number;
}

/**
 * The terminal that cli-progress draws on. Each frame replaces the previous one in a single write and changes no terminal
 * mode that would have to be restored.
 */
export class Frame {
  readonly #screen: Screen;
  #lines = "";
  #drawn: readonly string[] = [];
  #columns = 0;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  /** Draws the lines since the last reset, unless they are on the screen already. */
  draw(): void {
    const columns = this.#screen.columns();
    if (columns === this.#columns && this.#lines === this.#drawn.join("\n")) return;
    this.#screen.write(this.#erasure() + this.#lines);
    this.#drawn = this.#lines === "" ? [] : this.#lines.split("\n");
    this.#columns = columns;
  }

  /** Removes the frame from the screen. */
  erase(): void {
    const erasure = this.#erasure();
    if (erasure !== "") this.#screen.write(erasure);
    this.#drawn = [];
  }

  /** Most terminals have wrapped the lines if the window was made narrower. */
  #erasure(): string {
    const columns = Math.max(this.#screen.columns(), 1);
    const rows = this.#drawn.reduce((sum, line) => sum + Math.max(Math.ceil(displayWidth(line) / columns), 1), 0);
    if (rows === 0) return "";
    return `\r${rows > 1 ? `\x1b[${rows - 1}A` : ""}\x1b[J`;
  }

  // Called by cli-progress.

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

  // Not needed: a frame is always drawn completely.
  cursorTo(): void {}
  clearRight(): void {}
  clearBottom(): void {}
  clearLine(): void {}
}
