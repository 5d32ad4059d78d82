import { startupSnapshot } from "node:v8";
import { main } from "../src/main.ts";
import { rehearse, withholdTimers } from "./rehearsal.ts";

/** The start-up snapshot contains the whole program after a rehearsal. */
const giveTimers = withholdTimers();
startupSnapshot.setDeserializeMainFunction(() => {
  giveTimers();
  void main();
});
void rehearse().then(forgetBuilder);

/** Node's own way to it has no types. */
interface FileBinding {
  binding(name: "fs"): { readonly statValues: Float64Array };
}

/** In the snapshot these would differ in each build. */
function forgetBuilder() {
  // The inode and the times of the last file, the last text that a pattern has matched, and the bytes of small buffers.
  (process as unknown as FileBinding).binding("fs").statValues.fill(0);
  /./.test("x");
  new Uint8Array(Buffer.from("x").buffer).fill(0);
  // Node sets these again when the program starts.
  for (const [name, value] of Object.entries({ pid: 0, ppid: 0, execPath: "", argv: [] })) {
    Object.defineProperty(process, name, { ...Object.getOwnPropertyDescriptor(process, name), value });
  }
}
