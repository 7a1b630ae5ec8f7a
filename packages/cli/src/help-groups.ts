/** The first page of the help: commands by what one wants to do. A topic stands for its commands. */
export const HELP_GROUPS: readonly { readonly title: string; readonly commands: readonly string[] }[] = [
  { title: "Run", commands: ["serve", "init", "info"] },
  { title: "Configuration", commands: ["check", "lint", "fmt", "test", "expand", "rewrite", "retry", "filter"] },
  { title: "What would happen", commands: ["route", "verify", "session", "dns", "doctor", "send", "probe"] },
  { title: "What happened", commands: ["queue", "explain", "log", "stats", "spool"] },
  { title: "Accounts and drivers", commands: ["user", "plugins"] },
  { title: "Shell", commands: ["completions", "exim"] },
];
