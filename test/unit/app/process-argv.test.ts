// biome-ignore-all lint/suspicious/noTemplateCurlyInString: such strings are what is tested
import { expect, test } from "vitest";
import { processArgv } from "../../../src/app/process-argv.ts";

test.each([
  ["node web.js", ["node", "web.js"]],
  ["node web.js --port $PORT", ["sh", "-c", "exec node web.js --port $PORT"]],
  ["puma -p ${PORT:-1} >/dev/null 2>&1", ["sh", "-c", "exec puma -p ${PORT:-1} >/dev/null 2>&1"]],
  ["puma $X &", ["sh", "-c", "puma $X &"]],
  ["puma -b tcp://0:$PORT > log", ["sh", "-c", "exec puma -b tcp://0:$PORT > log"]],
  ['sh -c "a && b" $X', ["sh", "-c", 'exec sh -c "a && b" $X']],
  ["./migrate && node web.js", ["sh", "-c", "./migrate && node web.js"]],
  ["PORT=1 node $X", ["sh", "-c", "PORT=1 node $X"]],
  ["cd $HOME; ./run", ["sh", "-c", "cd $HOME; ./run"]],
  ["cd /app", ["sh", "-c", "cd /app"]],
  ["exec node $X", ["sh", "-c", "exec node $X"]],
  ["if [ $A ]\nthen b\nfi", ["sh", "-c", "if [ $A ]\nthen b\nfi"]],
  ["{ a; }", ["sh", "-c", "{ a; }"]],
  ["> $LOG", ["sh", "-c", "> $LOG"]],
  ["node 'open", ["sh", "-c", "node 'open"]],
])("parses the command %j", (command, argv) => expect(processArgv(command)).toEqual(argv));

test("runs a command that needs a shell in the configured shell", () =>
  expect(processArgv("node $X", "bash")).toEqual(["bash", "-c", "exec node $X"]));
