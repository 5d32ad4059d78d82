/**
 * Each `*.txt` in this folder is a story: commands, and exactly what they answer.
 *
 *     Prose, as much as is good.
 *
 *     -- oneoff.yaml --
 *     apps: {a: {image: i}}
 *
 *     @ env HOME=/root
 *     $ oneoff run --print -e HOME a 'ls -l
 *     > wc'
 *     1> what it writes to stdout
 *     2> what it writes to stderr
 *     exit 0
 *
 * A file lies there from its line on, to the story's end; blank lines at its end do not count. `(escaped)` after its
 * name: bytes may be written as \n, \r, \t, \\ and \xff, and line breaks do not count; `(30 times)`: its lines, that
 * often, or `(30 times on one line)`; `(absent)`: it is taken away; `(a folder)`: it is one.
 * `$` is a command, its words as a shell takes them, and `>` is its next line.
 * `@` is for the next command only: `env NAME=VALUE`; `cd FOLDER`; `stdin terminal`, `stream` or `directory` and
 * `stdout terminal`, where otherwise stdin is empty and stdout a pipe; `terminal COLUMNSxROWS` for both;
 * `GET /images/json 200 []`, a request the engine is to get, and its answer, or `6 times GET …`. Without any there is no
 * engine. `journal {…}`: an entry of the journal.
 *
 * Only the temporary folder is shown by another name, `/cwd`, and a control character as U+FFFD.
 * UPDATE=1 writes down what is answered now: read the difference before you commit it.
 */
import { readdirSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { cli } from "../../src/cli/program.ts";
import { play } from "../support/story.ts";

const stories = readdirSync(import.meta.dirname).filter((name) => name.endsWith(".txt"));

test.each(stories)("%s", async (name) => {
  const file = `${import.meta.dirname}/${name}`;
  const story = await readFile(file, "utf8");
  const told = await play(story, cli);
  if (process.env.UPDATE) await writeFile(file, told);
  else expect(told).toBe(story);
});
