import { expect, test } from "vitest";
import { findDuplicates } from "../../../../src/oneoff/compose/duplicate-networks.ts";

const network = (Id: string, Name: string, fraction: string) => ({
  Id,
  Name,
  Driver: "bridge",
  Created: `2026-11-30T04:29:38${fraction}Z`,
});

test("keeps the oldest network of a name", () => {
  const all = [
    network("a", "shop", ".12"),
    network("b", "shop", ".1"),
    network("c", "shop", ".100000001"),
    network("d", "other", ".5"),
    network("e", "other", ""),
    network("f", "alone", ".5"),
  ];
  expect(findDuplicates(all, ["shop", "alone"]).map(({ Id }) => Id)).toEqual(["c", "a"]);
  expect(findDuplicates(all, ["other"]).map(({ Id }) => Id)).toEqual(["d"]);
});
