/**
 * A process that sets one property after another until it is killed, and says of each, once it is set, which it was.
 * Its words: the folder of the configuration, and the app.
 */
import { writeSync } from "node:fs";
import { withProperty } from "../../src/app/properties.ts";
import { processOwner } from "../../src/host/process-owner.ts";
import { propertiesFile } from "../../src/host/properties-file.ts";

const [folder = "", app = ""] = process.argv.slice(2);
const properties = propertiesFile({ XDG_CONFIG_HOME: folder }, processOwner());

for (let n = 1; ; n += 1) {
  await properties.change((now) => withProperty(now, app, "appjson-path", `${n}.json`));
  writeSync(1, `${n}\n`);
}
