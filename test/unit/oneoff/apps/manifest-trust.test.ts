import { expect, test } from "vitest";
import { distrustReason, type FileTrust } from "../../../../src/oneoff/apps/manifest-trust.ts";

const mine: FileTrust = { owners: [7, 7], isWritable: false, writableFolder: undefined, uid: 7, sudoUid: undefined };

test.each<[what: string, trust: FileTrust | undefined, why: string | undefined]>([
  ["the user's own", mine, undefined],
  ["root's", { ...mine, owners: [0, 0] }, undefined],
  ["another user's", { ...mine, owners: [8, 8] }, "its owner is uid 8, oneoff runs as uid 7"],
  ["another user's link to the user's own", { ...mine, owners: [8, 7] }, "its owner is uid 8, oneoff runs as uid 7"],
  ["the user's link to another user's", { ...mine, owners: [7, 8] }, "its owner is uid 8, oneoff runs as uid 7"],
  ["the sudo caller's, as root", { ...mine, uid: 0, sudoUid: 7 }, undefined],
  ["a user's, as root", { ...mine, uid: 0 }, "its owner is uid 7, oneoff runs as uid 0"],
  ["the sudo caller's, as another", { ...mine, owners: [8], sudoUid: 8 }, "its owner is uid 8, oneoff runs as uid 7"],
  ["a writable file", { ...mine, isWritable: true }, "every user can write to it"],
  ["in a writable folder", { ...mine, writableFolder: "/srv" }, "every user can write to /srv"],
  ["without owners", undefined, undefined],
])("decides whether to trust a manifest that is %s", (_what, trust, why) => {
  expect(distrustReason(trust)).toBe(why);
});
