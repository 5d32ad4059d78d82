import { describe, expect, test } from "vitest";
import {
  COPIED_CONVERTED,
  COPIED_UNCHANGED,
  type FieldGroup,
  NEVER_COPIED,
  NOT_APPLICABLE,
} from "../../../../src/oneoff/apps/copied-fields.ts";
import seen from "../../../fixtures/inspect-fields.json" with { type: "json" };

const GROUPS: readonly FieldGroup[] = [...COPIED_UNCHANGED, ...COPIED_CONVERTED, ...NEVER_COPIED, NOT_APPLICABLE];
const host = GROUPS.flatMap((group) => group.host ?? []);
const config = GROUPS.flatMap((group) => group.config ?? []);

test("lists each field once", () => {
  expect(host).toEqual([...new Set(host)]);
  expect(config).toEqual([...new Set(config)]);
});

// Fields in inspect of containers that were created with every option.
describe.each(Object.entries(seen))("a container of %s", (_engine, fields) => {
  test("classifies every field of HostConfig", () =>
    expect(fields.HostConfig.filter((key) => !host.includes(key))).toEqual([]));
  test("classifies every field of Config", () =>
    expect(fields.Config.filter((key) => !config.includes(key))).toEqual([]));
});
