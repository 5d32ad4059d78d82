import { describe, expect, test } from "vitest";
import { parseProcfile } from "../../../../src/app/procfile.ts";
import { type FormationFacts, formationOf } from "../../../../src/deploy/rollout/formation.ts";
import { parseScale, scaleText } from "../../../../src/deploy/rollout/scale.ts";

const procfile = parseProcfile("web: a\nworker: b\nrelease: c");
const formation = (given: Partial<FormationFacts> = {}) =>
  formationOf({ app: "shop", procfile, fromAppJson: new Map(), fromManifest: undefined, scale: new Map(), ...given });
const counts = (given?: Partial<FormationFacts>) =>
  Object.fromEntries(formation(given).map(({ type, quantity }) => [type, quantity]));

describe("how many of what run", () => {
  test("one web and nothing else, where nobody says anything; release never", () =>
    expect(counts()).toEqual({ web: 1, worker: 0 }));

  test("what app.json proposes, oneoff.yaml decides, and scale overrules, each type by itself", () => {
    const fromAppJson = new Map([
      ["web", { quantity: 2 }],
      ["worker", { quantity: 2 }],
    ]);
    const fromManifest = new Map([["worker", { quantity: 3 }]]);
    expect(counts({ fromAppJson })).toEqual({ web: 2, worker: 2 });
    expect(counts({ fromAppJson, fromManifest })).toEqual({ web: 2, worker: 3 });
    expect(counts({ fromAppJson, fromManifest, scale: new Map([["worker", 0]]) })).toEqual({
      web: 2,
      worker: 0,
    });
  });

  test("app.json may say a size without a quantity, and oneoff.yaml's size comes before it", () => {
    const fromAppJson = new Map([["web", { size: "L", maxParallel: 1 }]]);
    expect(formation({ fromAppJson })[0]).toEqual({ type: "web", quantity: 1, size: "L", maxParallel: 1 });
    const fromManifest = new Map([["web", { quantity: 1, size: "S" }]]);
    expect(formation({ fromAppJson, fromManifest })[0]).toMatchObject({ size: "S" });
  });

  test("no web where the Procfile has none and nobody has asked for one", () =>
    expect(counts({ procfile: parseProcfile("clock: a"), scale: new Map([["clock", 1]]) })).toEqual({ clock: 1 }));

  test("without a Procfile there is web, and whatever is named is what the image runs", () => {
    expect(counts({ procfile: new Map() })).toEqual({ web: 1 });
    expect(counts({ procfile: new Map(), scale: new Map([["worker", 2]]) })).toEqual({ web: 1, worker: 2 });
  });

  test("web comes first, wherever it stands in the Procfile", () =>
    expect(formation({ procfile: parseProcfile("a: a\nweb: b") }).map(({ type }) => type)).toEqual(["web", "a"]));

  test("types without a command are refused, all at once; at quantity 0 they do not matter", () => {
    const scale = new Map([
      ["wep", 1],
      ["clock", 1],
      ["old", 0],
    ]);
    expect(() => formation({ scale })).toThrow(
      'shop is to run "wep", "clock", which its Procfile has not; it has web, worker',
    );
    expect(counts({ scale: new Map([["old", 0]]) })).toEqual({ web: 1, worker: 0 });
  });

  test.each(["scale", "fromManifest", "fromAppJson"] as const)("release is no process, whoever says so (%s)", (who) => {
    const given = { scale: new Map([["release", 1]]), fromManifest: new Map([["release", { quantity: 1 }]]) };
    const facts = who === "fromAppJson" ? { fromAppJson: given.fromManifest } : { [who]: given[who] };
    expect(() => formation(facts)).toThrow('"release" is a phase of each deploy');
    expect(counts({ scale: new Map([["release", 0]]) })).toEqual({ web: 1, worker: 0 });
  });
});

describe("the words of a scale", () => {
  test("are types and quantities, of which the last counts", () => {
    const scale = parseScale(["web=2", "my_Type-1=0", "web=9999"]);
    expect([...scale]).toEqual([
      ["web", 9999],
      ["my_Type-1", 0],
    ]);
    expect(scaleText(scale)).toBe("web=9999 my_Type-1=0");
  });

  test.each(["web", "web=", "=1", "web=-1", "web=1.5", "web=10000", "web =1", "we b=1", "web=1=2", "web=1 ", ""])(
    "%j is refused",
    (word) => expect(() => parseScale([word])).toThrow("Expected TYPE=QUANTITY"),
  );
});
