import { describe, expect, test } from "vitest";
import { parseProcfile } from "../../../../src/app/procfile.ts";
import { type FormationFacts, formationOf } from "../../../../src/deploy/rollout/formation.ts";
import { parseScale, scaleText } from "../../../../src/deploy/rollout/scale.ts";

const procfile = parseProcfile("web: a\nworker: b\nrelease: c");
const formation = (facts: Partial<FormationFacts> = {}) =>
  formationOf({ app: "shop", procfile, fromAppJson: new Map(), fromManifest: undefined, scale: new Map(), ...facts });
const counts = (facts?: Partial<FormationFacts>) =>
  Object.fromEntries(formation(facts).map(({ type, quantity }) => [type, quantity]));

describe("formationOf", () => {
  test("runs one web by default, and never release", () => expect(counts()).toEqual({ web: 1, worker: 0 }));

  test("prefers scale to oneoff.yaml and oneoff.yaml to app.json, by type", () => {
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

  test("reads a size without a quantity from app.json, and prefers the size of oneoff.yaml", () => {
    const fromAppJson = new Map([["web", { size: "L", maxParallel: 1 }]]);
    expect(formation({ fromAppJson })[0]).toEqual({ type: "web", quantity: 1, size: "L", maxParallel: 1 });
    const fromManifest = new Map([["web", { quantity: 1, size: "S" }]]);
    expect(formation({ fromAppJson, fromManifest })[0]).toMatchObject({ size: "S" });
  });

  test("runs no web if the Procfile has none", () =>
    expect(counts({ procfile: parseProcfile("clock: a"), scale: new Map([["clock", 1]]) })).toEqual({ clock: 1 }));

  test("accepts every type without a Procfile", () => {
    expect(counts({ procfile: new Map() })).toEqual({ web: 1 });
    expect(counts({ procfile: new Map(), scale: new Map([["worker", 2]]) })).toEqual({ web: 1, worker: 2 });
  });

  test("puts web first regardless of its place in the Procfile", () =>
    expect(formation({ procfile: parseProcfile("a: a\nweb: b") }).map(({ type }) => type)).toEqual(["web", "a"]));

  test("rejects all types without a command, unless their quantity is 0", () => {
    const scale = new Map([
      ["wep", 1],
      ["clock", 1],
      ["old", 0],
    ]);
    expect(() => formation({ scale })).toThrow(
      'Unknown process type "wep", "clock" in the formation of shop; its Procfile has web, worker',
    );
    expect(counts({ scale: new Map([["old", 0]]) })).toEqual({ web: 1, worker: 0 });
  });

  test.each(["scale", "fromManifest", "fromAppJson"] as const)("rejects release as a process type (%s)", (source) => {
    const settings = { scale: new Map([["release", 1]]), fromManifest: new Map([["release", { quantity: 1 }]]) };
    const facts = source === "fromAppJson" ? { fromAppJson: settings.fromManifest } : { [source]: settings[source] };
    expect(() => formation(facts)).toThrow('"release" is a deploy phase');
    expect(counts({ scale: new Map([["release", 0]]) })).toEqual({ web: 1, worker: 0 });
  });
});

describe("parseScale", () => {
  test("uses the last quantity of a type", () => {
    const scale = parseScale(["web=2", "my_Type-1=0", "web=9999"]);
    expect([...scale]).toEqual([
      ["web", 9999],
      ["my_Type-1", 0],
    ]);
    expect(scaleText(scale)).toBe("web=9999 my_Type-1=0");
  });

  test.each(["web", "web=", "=1", "web=-1", "web=1.5", "web=10000", "web =1", "we b=1", "web=1=2", "web=1 ", ""])(
    "rejects the scale %j",
    (arg) => expect(() => parseScale([arg])).toThrow(`Invalid argument ${JSON.stringify(arg)}: expected TYPE=QUANTITY`),
  );
});
