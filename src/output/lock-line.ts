import { moment } from "./moment.ts";

export interface ListedLock {
  readonly key: string;
  readonly state: string;
  readonly app: string;
  readonly name: string;
  readonly since: number;
}

/** `migrate: held by run.7364 of my-app since 2013/03/13 15:38:08 (~ 1s ago)`. Times are in seconds since 1970. */
export const lockLine = ({ key, state, app, name, since }: ListedLock, now: number) =>
  `${key}: ${state === "held" ? "" : `${state}, `}held by ${name} of ${app} since ${moment(since, now)}`;
