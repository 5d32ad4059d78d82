import { expect, test } from "vitest";
import { type LogEvent, logJson, logLine } from "../../../src/output/log-line.ts";

const place = { time: "2013-03-13T15:38:08.123456789Z", app: "my-app", name: "run.7364", containerId: "c" };

test.each<[LogEvent, string]>([
  [{ event: "starting", command: "bash", user: undefined }, "Starting process with command `bash`"],
  [
    { event: "starting", command: "bash", user: "alice@host" },
    "Starting process with command `bash` by user alice@host",
  ],
  [{ event: "state-changed", from: "starting", to: "up" }, "State changed from starting to up"],
  [{ event: "stopping", signal: "SIGTERM" }, "Stopping process with SIGTERM"],
  [{ event: "exited", exitCode: 0, oomKilled: false }, "Process exited with status 0"],
  [{ event: "exited", exitCode: 137, oomKilled: true }, "Process exited with status 137 (out of memory)"],
])("prints %j", (step, message) => {
  const line = { ...place, source: "oneoff", step } as const;
  expect(logLine(line)).toBe(`2013-03-13T15:38:08.123Z oneoff[run.7364]: ${message}\n`);
  const { app, name, containerId } = place;
  expect(JSON.parse(logJson(line))).toEqual({
    ...{ app, name, containerId },
    time: "2013-03-13T15:38:08.123Z",
    source: "oneoff",
    stream: null,
    event: step.event,
    message,
  });
});

test("prints output of a one-off", () => {
  const line = { ...place, time: "2013-03-13T15:38:09Z", source: "app", stream: "stderr", text: 'a "line"' } as const;
  expect(logLine(line)).toBe('2013-03-13T15:38:09.000Z app[run.7364]: a "line"\n');
  expect(logJson(line)).toBe(
    '{"time":"2013-03-13T15:38:09.000Z","app":"my-app","name":"run.7364","containerId":"c","source":"app",' +
      '"stream":"stderr","event":null,"message":"a \\"line\\""}\n',
  );
});
