import { expect, test } from "vitest";
import type { ComposeFileObject } from "../../../../src/app/compose/project.ts";
import type { ComposeService } from "../../../../src/app/compose/service.ts";
import type { FileReference } from "../../../../src/app/compose/service-parts.ts";
import { serviceFiles } from "../../../../src/oneoff/compose/service-files.ts";

function filesOf(reference: FileReference, object: ComposeFileObject, service: Partial<ComposeService> = {}) {
  const objects = { token: object };
  const loaded = {
    project: { name: "shop", services: {}, secrets: objects, configs: objects },
    contents: { secrets: { token: "from a variable" }, configs: {} },
  };
  return serviceFiles(loaded, "web", { command: null, entrypoint: null, secrets: [reference], ...service }).map(
    ({ content, mode, ...file }) => ({ ...file, content: content.toString(), mode: mode.toString(8) }),
  );
}

const READABLE = { mode: "444", uid: 0, gid: 0 };

test.each<[FileReference, ComposeFileObject, object[]]>([
  [{ source: "token" }, { file: "/token" }, []],
  [{ source: "token" }, { content: "c" }, [{ ...READABLE, target: "/run/secrets/token", content: "c" }]],
  [
    { source: "token", target: "t", mode: "0400", uid: "1", gid: "2" },
    { environment: "TOKEN" },
    [{ target: "/run/secrets/t", content: "from a variable", mode: "400", uid: 1, gid: 2 }],
  ],
  [{ source: "token", target: "/etc/t" }, { content: "c" }, [{ ...READABLE, target: "/etc/t", content: "c" }]],
])("copies the secret %j of %j", (reference, object, files) => expect(filesOf(reference, object)).toEqual(files));

test("puts a config with a relative target into the root folder", () => {
  const service = { secrets: [], configs: [{ source: "token", target: "t" }] };
  expect(filesOf({}, { content: "c" }, service)).toMatchObject([{ target: "/t" }]);
});

test.each<[ComposeFileObject, Partial<ComposeService>, string]>([
  [{ external: true }, {}, "it is external"],
  [{ driver: "d" }, {}, "only Swarm supports drivers"],
  [{ content: "c" }, { read_only: true }, "the root file system is read-only"],
  [{ environment: "TOKEN" }, { secrets: [], configs: [{ source: "token" }] }, "the variable TOKEN is not set"],
])("rejects %j in %j", (object, service, why) =>
  expect(() => filesOf({ source: "token" }, object, service)).toThrow(why),
);
