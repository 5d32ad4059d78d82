import { startupSnapshot } from "node:v8";
import { main } from "../src/main.ts";
import { rehearse } from "./rehearsal.ts";

/** What the start-up snapshot is taken of: the whole program, after a rehearsal, about to begin. */
startupSnapshot.setDeserializeMainFunction(() => void main());
void rehearse().then(forgetBuilder);

/** Node sets all of this anew when the program starts. Left in the snapshot, it would make each one different. */
function forgetBuilder() {
  for (const [name, value] of Object.entries({ pid: 0, ppid: 0, execPath: "", argv: [] })) {
    Object.defineProperty(process, name, { ...Object.getOwnPropertyDescriptor(process, name), value });
  }
}
