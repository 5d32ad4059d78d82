import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { appJsonPath } from "../../src/app/properties.ts";
import { processOwner } from "../../src/host/process-owner.ts";
import { propertiesFile } from "../../src/host/properties-file.ts";
import { folder } from "../support/folder.ts";
import { BINARY } from "../support/oneoff-suite.ts";
import { run } from "../support/process.ts";

test("50 processes that set a property at the same time lose none", { timeout: 120_000 }, async () => {
  await using place = await folder();
  const apps = Array.from({ length: 50 }, (_, n) => `app-${n}`);
  const ended = await Promise.all(
    apps.map((app) =>
      run([BINARY, "app-json:set", app, "appjson-path", `${app}.json`], {
        env: { XDG_CONFIG_HOME: place.path },
        timeout: 100_000,
      }),
    ),
  );
  expect(ended.map(({ code, stdout, stderr }) => [code, stdout.toString(), stderr.toString()])).toEqual(
    apps.map((app) => [0, `=====> Setting appjson-path to ${app}.json\n`, ""]),
  );
  const properties = propertiesFile({ XDG_CONFIG_HOME: place.path }, processOwner()).read();
  expect(apps.map((app) => appJsonPath(properties, app).app)).toEqual(apps.map((app) => `${app}.json`));
  expect(readdirSync(join(place.path, "oneoff"))).toEqual(["properties.json"]);
});
