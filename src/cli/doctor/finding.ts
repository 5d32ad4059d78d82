/** What was found of one thing: well; not as it should be; or what makes `run` fail. */
export interface Finding {
  readonly level: "ok" | "warn" | "fail";
  readonly what: string;
  readonly text: string;
  /** What mends it. */
  readonly next?: string | undefined;
}

export const ok = (what: string, text: string): Finding => ({ level: "ok", what, text });
export const warn = (what: string, text: string, next?: string): Finding => ({ level: "warn", what, text, next });
export const fail = (what: string, text: string, next?: string): Finding => ({ level: "fail", what, text, next });
