import { expect, test } from "vitest";
import { svgOf } from "../../../../build/docs/svg.ts";

test("renders the same lines to the same bytes", () => {
  const lines = [[{ text: "a" }], [], [{ text: "b", color: 31, bold: true }]];
  expect(svgOf(lines, 80, "t")).toBe(svgOf(lines, 80, "t"));
});

test("escapes text, and places each run by its column", () => {
  const svg = svgOf([[{ text: "a && b " }, { text: "<x>", color: 31, bold: true, dim: true }]], 10, "t");
  expect(svg).toContain(
    '<tspan x="18.0">a &amp;&amp; b </tspan><tspan x="76.8" fill="#ff7b72" font-weight="bold" opacity="0.65">&lt;x&gt;</tspan>',
  );
});

test("renders a title", () => {
  expect(svgOf([], 10, "a; b <c>")).toContain("<title>a; b &lt;c&gt;</title>");
});

test("grows with the lines, and renders no text for an empty line", () => {
  const svg = svgOf([[{ text: "a" }], [], [{ text: "b" }]], 10, "t");
  expect(svg).toContain('width="120" height="93"');
  expect(svg.match(/<text y="(\d+)"/g)).toEqual(['<text y="32"', '<text y="70"']);
});
