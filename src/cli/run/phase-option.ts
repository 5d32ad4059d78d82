import type { Phase } from "../../deploy/step-names.ts";
import { PHASES } from "../../deploy/step-names.ts";
import { choice } from "../choice.ts";

/** @throws OneoffError for an unknown phase. */
export const parsePhase = (text: string): Phase => choice("--phase", text, PHASES, "run");
