import { startupSnapshot } from "node:v8";
import { main } from "../src/main.ts";
import { rehearse } from "./rehearsal.ts";

/** What the start-up snapshot is taken of: the whole program, after a rehearsal, about to begin. */
startupSnapshot.setDeserializeMainFunction(() => void main());
void rehearse();
