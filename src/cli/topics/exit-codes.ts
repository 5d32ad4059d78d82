import { EXIT_CODES, exitCodeRows } from "../exit-codes.ts";
import type { Topic } from "./topic.ts";

export const exitCodes: Topic = {
  about: "What each exit code means",
  text: () => `\
A code that oneoff makes up comes with a line on stderr that says why, and with what to type next. Only 141 is silent, as in a shell.

# Of run, run:detached and exec
${exitCodeRows(EXIT_CODES.run)}

# Of attach and wait
${exitCodeRows(EXIT_CODES.wait)}

# Of all other commands
${exitCodeRows(EXIT_CODES.others)}

# In a script
    oneoff run my-app ./migrate || echo "ended with $?"
    oneoff wait "$(oneoff run --detach my-app ./import)"

A detached one-off's code is known for 24 h after its end (--retain), to wait and to attach; of one whose container has gone, wait exits with the code in the journal, if it has one. A deploy that fails ends with 1 whatever code its phase had: that one is in what it says.
`,
};
