import { expect, test } from "vitest";
import { taskElsewhere } from "../../../src/errors/swarm-oneoffs.ts";
import { humanLine } from "../../../src/output/human.ts";

test("names the engine of another node in the commands for a one-off that runs there", () => {
  const one = { name: "run.7364", host: "ssh://node2" };
  expect(humanLine({ type: "detached", ...one })).toMatch(/: oneoff logs --host ssh:\/\/node2 --follow run\.7364$/);
  expect(humanLine({ type: "still-running", ...one })).toMatch(/: oneoff attach --host ssh:\/\/node2 run\.7364$/);
  expect(taskElsewhere("run.7364", "node2", "10.0.0.2", "run.7364", "logs").next).toMatch(
    /^oneoff logs --host ssh:\/\/10\.0\.0\.2 run\.7364, or: /,
  );
});
