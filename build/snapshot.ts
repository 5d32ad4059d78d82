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

/** Node sets these again when the program starts. In the snapshot they would differ in each build. */
function forgetBuilder() {
  for (const [name, value] of Object.entries({ pid: 0, ppid: 0, execPath: "", argv: [] })) {
    Object.defineProperty(process, name, { ...Object.getOwnPropertyDescriptor(process, name), value });
  }
}
