import { expect, test } from "vitest";
import { linePositions } from "../../../src/app/line-positions.ts";

test.each([
  ["", 0, { line: 1, column: 1 }],
  ["ab", 1, { line: 1, column: 2 }],
  ["a\nb", 1, { line: 1, column: 2 }],
  ["a\nb", 2, { line: 2, column: 1 }],
  ["\n\nab\n", 3, { line: 3, column: 2 }],
  ["\n\nab\n", 5, { line: 4, column: 1 }],
])("%j, offset %i", (text, at, position) => expect(linePositions(text)(at)).toEqual(position));
