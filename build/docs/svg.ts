import type { Look, Run } from "./screen.ts";

const FONT_SIZE = 14;
const CELL_WIDTH = 8.4;
const LINE_HEIGHT = 19;
const PADDING = 18;

const BACKGROUND = "#11151c";
const FOREGROUND = "#d5dae2";

/** By the code of a colour; the bright ones are the same. */
const PALETTE: Readonly<Record<number, string>> = {
  0: "#7d8590",
  1: "#ff7b72",
  2: "#7ee787",
  3: "#e3b341",
  4: "#79c0ff",
  5: "#d2a8ff",
  6: "#76e3ea",
  7: "#ffffff",
};

const escapeXml = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

const attributesOf = ({ color, bold, dim }: Look) =>
  [
    color === undefined ? "" : ` fill="${PALETTE[color % 10]}"`,
    bold ? ' font-weight="bold"' : "",
    dim ? ' opacity="0.65"' : "",
  ].join("");

/** A picture of a terminal. The same lines give the same bytes. @param title read out where the picture cannot be seen. */
export function svgOf(lines: readonly (readonly Run[])[], columns: number, title: string): string {
  const width = Math.ceil(columns * CELL_WIDTH + 2 * PADDING);
  const height = lines.length * LINE_HEIGHT + 2 * PADDING;
  const spans = (line: readonly Run[]) => {
    let column = 0;
    return line.map((run) => {
      // Each run has an explicit position: the font of a viewer may be wider or narrower than expected.
      const x = (PADDING + column * CELL_WIDTH).toFixed(1);
      column += Array.from(run.text).length;
      return `<tspan x="${x}"${attributesOf(run)}>${escapeXml(run.text)}</tspan>`;
    });
  };
  const texts = lines.flatMap((line, at) =>
    line.length === 0
      ? []
      : [`<text y="${PADDING + at * LINE_HEIGHT + FONT_SIZE}" xml:space="preserve">${spans(line).join("")}</text>`],
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<title>${escapeXml(title)}</title>
<rect width="100%" height="100%" rx="8" fill="${BACKGROUND}"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="${FONT_SIZE}" fill="${FOREGROUND}">
${texts.join("\n")}
</g>
</svg>
`;
}
