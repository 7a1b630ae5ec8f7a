export type { ArgSpec, CommandContext, CommandInput, CommandSpec, FlagSpec, Flags } from "./command.ts";
export { COMMAND_TABLE } from "./commands/table.ts";
