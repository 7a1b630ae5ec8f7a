/** Which file or directory, and may it be used: manual §"The file and directory options", §"create_file". */
import { defer, done, type Order, type Step } from "./order.ts";
import type { Plan } from "./plan.ts";

export interface Where {
  readonly kind: Order["kind"];
  readonly path: string;
  readonly mayCreate: boolean;
}

export async function choosePath(plan: Plan): Promise<Step<Where>> {
  const { options, job } = plan;
  const template = options.file ?? options.directory;
  if (template === undefined) {
    const given = job.generated;
    if (given?.kind === "file" || given?.kind === "directory") return judgePath(plan, given.path, false);
    return defer(`Mandatory file or directory option missing from ${job.transport} transport`, -1);
  }
  const result = await plan.host.expand(template);
  if (result.kind === "value") return judgePath(plan, result.text, result.tainted);
  return defer(`Expansion of "${template.source}" (file or directory name for ${job.transport} transport) failed: ${result.message}`, -1);
}

function judgePath(plan: Plan, text: string, tainted: boolean): Step<Where> {
  const createFile = plan.options.create_file ?? "anywhere";
  const base = createFile.startsWith("/") ? createFile : createFile === "anywhere" ? undefined : plan.job.home;
  const inside = base === undefined || text.startsWith(base.replace(/\/+$/, "") + "/");
  const climbs = createFile !== "inhome" && (text.includes("/../") || text.endsWith("/.."));
  // Manual §"create_file": a path that passed the "belowhome" check is no longer tainted.
  const vouched = base !== undefined && createFile !== "inhome" && inside && !climbs;
  if (tainted && !vouched) {
    const hint = plan.options.file?.mentions.has("local_part") || plan.options.directory?.mentions.has("local_part");
    if (hint) note(plan, "use $local_part_data (set by check_local_user or a lookup in local_parts) instead of $local_part");
    return defer(`Tainted '${text}' (file or directory name for ${plan.job.transport} transport) not permitted`, -1);
  }
  if (!text.startsWith("/")) return defer(`appendfile: file or directory name "${text}" is not absolute`, -21);
  const path = text.length > 1 ? text.replace(/\/+$/, "") || "/" : text;
  return done({ kind: kindOf(plan, text), path, mayCreate: inside && (base === undefined || !climbs) });
}

function note(plan: Plan, text: string): void {
  const trace = plan.host.scope.services.trace;
  if (trace.on) trace.emit({ kind: "note", area: `transport ${plan.job.transport}`, text });
}

function kindOf(plan: Plan, text: string): Order["kind"] {
  const { options, job } = plan;
  if (text === "/dev/null") return "nothing";
  if (options.maildir_format) return "maildir";
  if (options.mailstore_format) return "mailstore";
  if (options.file !== undefined) return "file";
  return options.directory !== undefined || text.endsWith("/") || job.generated?.kind === "directory" ? "directory" : "file";
}
