/** The status and the headers of an answer, by lower-case names. */
export interface Head {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
}

export const STATUS_LINE = /^HTTP\/1\.[01] \d{3}( |\r|$)/;

export function parseHead(text: string): Head {
  const [statusLine = "", ...lines] = text.split("\r\n");
  const headers = lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
  });
  return { status: Number(statusLine.split(" ")[1] ?? 0), headers: new Map(headers) };
}
