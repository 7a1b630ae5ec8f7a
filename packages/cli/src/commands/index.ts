/** What oclif loads: a command class for each table row. */
import { toOclif } from "../oclif.ts";
import { COMMAND_TABLE } from "./table.ts";

export const COMMANDS = Object.fromEntries(COMMAND_TABLE.map((spec) => [spec.name.replaceAll(" ", ":"), toOclif(spec)]));
