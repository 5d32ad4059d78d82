import { EXIT_CODES, exitCodeRows } from "../exit-code-help.ts";
import type { Topic } from "./topic.ts";

export const exitCodes: Topic = {
  about: "Exit codes of all commands",
  text: () => `\
If oneoff sets the exit code itself, it prints the reason and a command to run next to stderr. Only 141 has no message, as in a shell.

# run, run:detached, cron:run and exec
${exitCodeRows(EXIT_CODES.run)}

# attach and wait
${exitCodeRows(EXIT_CODES.wait)}

# Other commands
${exitCodeRows(EXIT_CODES.others)}

# In a script
    oneoff run my-app ./migrate || echo "exit code $?"
    oneoff wait "$(oneoff run --detach my-app ./import)"

wait and attach return the exit code of a detached one-off for 24 h after it exits (--retain). If the container was removed, wait returns the exit code from the journal. A failed deploy exits with 1; its error message contains the exit code of the phase.
`,
};
