import { moment } from "./moment.ts";

export interface ListedLock {
  readonly key: string;
  readonly state: string;
  readonly app: string;
  readonly name: string;
  readonly since: number;
}

/** `migrate: held 2013/03/13 15:38:08 (~ 1s ago) by run.7364 of my-app`. Times are in seconds since 1970. */
export const lockLine = ({ key, state, app, name, since }: ListedLock, now: number) =>
  `${key}: ${state} ${moment(since, now)} by ${name} of ${app}`;
