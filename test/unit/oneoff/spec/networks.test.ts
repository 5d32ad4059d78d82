import { expect, test } from "vitest";
import { collectLinks, planNetworks } from "../../../../src/oneoff/spec/networks.ts";

const none = { first: undefined, more: [], links: [] };
const copy = {
  networks: ["front", "back"],
  links: ["old:db"],
  networkLinks: { front: ["shop-db-1:db"], back: ["shop-cache-1:cache"] },
};

test.each([
  ["none, and are the engine's default", [undefined, []], none],
  ["none, where a link is a legacy one", [undefined, ["db:x"]], { ...none, links: ["db:x"] }],
  [
    "the requested ones, with the link in the first",
    [["a", "b"], ["db"]],
    { ...none, first: { network: "a", links: ["db"] }, more: [{ network: "b", links: [] }] },
  ],
  [
    "the default by name, with a legacy link",
    [["bridge"], ["db"]],
    { ...none, first: { network: "bridge", links: [] }, links: ["db"] },
  ],
  // The engine refuses it with its own message.
  ["the host's", [["host"], ["db"]], { ...none, first: { network: "host", links: [] }, links: ["db"] }],
  [
    "a container's, each with its links",
    [undefined, [], copy],
    {
      first: { network: "front", links: ["shop-db-1:db"] },
      more: [{ network: "back", links: ["shop-cache-1:cache"] }],
      links: ["old:db"],
    },
  ],
  [
    "a container's, with a replaced link of the same alias",
    [undefined, ["mine:db"], { ...copy, networks: ["front"] }],
    { ...none, first: { network: "front", links: ["mine:db"] }, links: ["old:db"] },
  ],
  ["the requested ones instead of a container's", [["a"], [], copy], { ...none, first: { network: "a", links: [] } }],
  [
    "a container's default, with its legacy links",
    [undefined, ["y:x"], { networks: ["bridge"], links: ["db:x", "db:db"] }],
    { ...none, first: { network: "bridge", links: [] }, links: ["y:x", "db:db"] },
  ],
] as const)("plans networks: %s", (_what, [asked, links, from], plan) =>
  expect(planNetworks(asked, links, from)).toEqual(plan),
);

test.each([
  [[], ["old:db", "shop-db-1:db", "shop-cache-1:cache"]],
  [["mine:db"], ["old:db", "shop-cache-1:cache"]],
])("lists the copied links without %j", (asked, links) =>
  expect(collectLinks(planNetworks(undefined, asked, copy), asked).copied).toEqual(links),
);
