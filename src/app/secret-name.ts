/**
 * A part of a name, or two that belong together. The long words count at the end of a part as well, as in PGPASSWORD and
 * clientSecret, and so do `pass` and `pwd`, save where that makes an English word: COMPASS, `--bypass`.
 */
const SECRET = new RegExp(
  `(?:^|[-_])(?:${[
    "[a-z0-9]*(?:password|passwd|passphrase|pwd|secret|token)",
    "[a-z0-9]*(?:access|api|encryption|master|private|secret|signing)[-_]?key",
    "(?!(?:by|com|encom|over|sur|tres|under)pass)[a-z0-9]*pass",
    "auth|credentials?",
  ].join("|")})[0-9]*(?=$|[-_])`,
  "i",
);

/** What takes a secret away, or says where it is. */
const BESIDE = /^-*no[-_]|[-_](?:file|path|stdin)$/i;

/** A shell's own folders. */
const FOLDER = /^(?:OLD)?PWD$/;

/** Whether what has this name is likely a secret: a variable, an option with its dashes or without, a header, a key. */
export const isSecretName = (name: string): boolean => SECRET.test(name) && !BESIDE.test(name) && !FOLDER.test(name);
