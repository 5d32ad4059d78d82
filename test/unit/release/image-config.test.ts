import { describe, expect, test } from "vitest";
import { historyOf, imageConfig } from "../../../src/release/image-config.ts";

const row = (CreatedBy: string, Size = 0, Comment = "") => ({ CreatedBy, Size, Comment, Created: 1363189089 });
const created = "2013-03-13T15:38:09.000Z";
/** Whether each step is a layer, from the oldest. */
const layersOf = (rows: Parameters<typeof historyOf>[0], layers: number) =>
  historyOf(rows, layers).map(({ created_by, empty_layer }) => [created_by, !empty_layer]);

test("reconstructs the config of an image", () => {
  const config = { Env: ["A=1"], Unknown: [null] } as object;
  const details = { Id: "sha256:i", Architecture: "arm64", Os: "linux", Variant: "v8", Author: "me", Created: created };
  const RootFS = { Type: "layers", Layers: ["sha256:1"] };
  expect(imageConfig({ ...details, RootFS }, [row("RUN x", 3, "by hand")], config)).toEqual({
    ...{ architecture: "arm64", os: "linux", variant: "v8", author: "me", created, config },
    rootfs: { type: "layers", diff_ids: ["sha256:1"] },
    history: [{ created, created_by: "RUN x", comment: "by hand" }],
  });
  expect(imageConfig({ Id: "i", Architecture: "amd64", Os: "linux", Created: "", Author: "" }, [], {})).toEqual({
    ...{ architecture: "amd64", os: "linux", config: {}, history: [] },
    rootfs: { type: "layers", diff_ids: [] },
  });
});

test("accepts the zero time of a history entry", () => {
  expect(historyOf([{ ...row("x", 1), Created: -62135596800 }], 1)[0]?.created).toBe("0001-01-01T00:00:00.000Z");
});

describe("steps without bytes", () => {
  test("marks no empty step as a layer if all layers have bytes", () => {
    expect(layersOf([row("CMD x"), row("RUN x"), row("ADD x", 5)], 1)).toEqual([
      ["ADD x", true],
      ["RUN x", false],
      ["CMD x", false],
    ]);
  });

  test("marks the newest empty steps that may have changed files as layers", () => {
    const rows = [
      row('/bin/sh -c #(nop)  CMD ["x"]'),
      row("/bin/bash -o pipefail -c #(nop)  ENV A=1"),
      row("HEALTHCHECK &{}"),
      row("/bin/sh -c #(nop) WORKDIR /new"),
      row("LABEL a=b"),
      row("RUN /bin/sh -c true # buildkit"),
      row("ENVIRON"),
    ];
    expect(layersOf(rows, 3).flatMap(([by, layer]) => (layer ? by : []))).toEqual([
      "ENVIRON",
      "RUN /bin/sh -c true # buildkit",
      "/bin/sh -c #(nop) WORKDIR /new",
    ]);
  });

  test("marks at most as many steps as the image has layers", () => {
    expect(layersOf([row("RUN a"), row("RUN b"), row("RUN c", 1)], 2).filter(([, layer]) => layer)).toHaveLength(2);
    expect(layersOf([row("RUN a")], 0)).toEqual([["RUN a", false]]);
  });
});
