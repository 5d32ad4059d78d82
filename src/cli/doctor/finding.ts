/** What was found of one thing: well; not as it should be; or what makes `run` fail. */
export interface Finding {
  readonly status: "ok" | "warn" | "fail";
  readonly check: string;
  readonly message: string;
  /** What mends it. */
  readonly next?: string | undefined;
}

export const ok = (check: string, message: string): Finding => ({ status: "ok", check, message });
export const warn = (check: string, message: string, next?: string): Finding => ({
  ...{ status: "warn", check, message, next },
});
export const fail = (check: string, message: string, next?: string): Finding => ({
  ...{ status: "fail", check, message, next },
});
