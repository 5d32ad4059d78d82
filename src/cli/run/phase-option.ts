import { PHASES } from "../../deploy/phases/phase-args.ts";
import type { Phase } from "../../deploy/phases/phase-command.ts";
import { choice } from "../choice.ts";

/** @throws OneoffError for an unknown phase. */
export const parsePhase = (text: string): Phase => choice("--phase", text, PHASES, "run");
