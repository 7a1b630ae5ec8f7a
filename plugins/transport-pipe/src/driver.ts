/** The pipe transport: prepare in the worker, run the command under the recipient's uid. Manual §"The pipe transport". */
import { defineTransport, type Diagnostic, type LocalJob, type Position, type TransportReport } from "@mailkit/sdk";
import { options } from "./options.ts";
import { judge } from "./outcome.ts";
import { planDelivery, type Options, type Order } from "./plan.ts";
import { runCommand } from "./run-command.ts";

export const driver = defineTransport({
  name: "pipe",
  where: "local",
  options,
  needs: ["expand", "scope", "setting"],
  check: (values, instance): readonly Diagnostic[] => checkOptions(values, instance),
  batchMax: (values) => Math.max(1, values.batch_max),
  prepare: async (job, values, host) => {
    const planned = await planDelivery({ job, options: values, host });
    if (planned.ok) return { kind: "order", order: planned.value };
    return { kind: "report", report: { facts: job.recipients.map(() => planned.fact) } };
  },
  perform: async (order: Order, job: LocalJob): Promise<TransportReport> => judge(order, job, await runCommand(order, job)),
});

function checkOptions(values: Options, instance: { readonly name: string; readonly at: Position }): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const error = (code: string, message: string, hint: string): void => {
    found.push({ code, severity: "error", message, at: instance.at, hint });
  };
  if (values.return_output && values.return_fail_output) {
    error("MK0881", `both return_output and return_fail_output are set for the ${instance.name} transport`, "keep one of them");
  }
  if (values.log_output && values.log_fail_output) {
    error("MK0882", `both log_output and log_fail_output are set for the ${instance.name} transport`, "keep one of them");
  }
  if (values.use_shell && (values.restrict_to_path || values.allow_commands !== undefined)) {
    error(
      "MK0883",
      `restrict_to_path and allow_commands mean nothing with use_shell in the ${instance.name} transport`,
      "remove use_shell",
    );
  }
  for (const code of values.temp_errors) {
    if (code === "*" || /^\d+$/.test(code)) continue;
    error(
      "MK0884",
      `temp_errors must be a list of numbers or an asterisk for the ${instance.name} transport, not "${code}"`,
      "write exit codes",
    );
  }
  if (values.force_command && values.command === undefined) {
    error("MK0885", `force_command needs command in the ${instance.name} transport`, "set command");
  }
  return found;
}
